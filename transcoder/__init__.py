"""From a URL or a file to CMAF HLS: fetch, probe, plan, encode, package, publish."""
