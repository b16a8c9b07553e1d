"""The lanes of an import: a quick one that plays within seconds, sound, and the ladder in chunks.

timeline   which segments a track will have, before one of them exists
index      where an MP4's keyframes are, and how its bytes are spread
remux      the source's own pictures in new segments, where that is allowed
fast       a small rendition, quick to make, from where a viewer is
sound      all sound tracks, from end to end
ladder     every rendition, decoded once, chunk by chunk
front      the few segments that go before all else, and who gives way to them
order      what is made next
shelf      from a finished segment to a visible one: checked, hashed, flushed, named
harvest    takes segments to the shelf while FFmpeg still writes the next
early      playlists over the whole duration, before it exists
"""
