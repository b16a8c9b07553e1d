"""A synthetic audience of any size: many views at once, as arrays, with the truth about them beside.

One model for both ways in: as rows straight into the lake, or as messages through the door. It follows from its
seed alone, whatever the number of processes. docs/explanation/synthetic-audience.md describes the behaviour.

    library, plan       which videos, how many views of which day
    visits, habits      who comes when with what, and what for: marks on the way of the playhead
    stories             what can be planted, at a chosen effect
    playhead            what that comes to: stretches of film and waits
    truth               the sums of it, from the playhead alone
    tape, transit       what a tracker writes down, and what of that arrives
    rows, files, load   as rows, as files, into the lake
    messages            as messages
"""

from viewbox.testing.crowd.plan import Crowd
from viewbox.testing.crowd.stories import KINDS, Stories, Story, parse_story

__all__ = ["KINDS", "Crowd", "Stories", "Story", "parse_story"]
