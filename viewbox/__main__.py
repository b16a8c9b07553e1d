"""`python -m viewbox`: the same as `viewbox`."""

from viewbox.cli import main

main()
