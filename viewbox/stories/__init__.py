"""Stories that data tell by themselves: what happened, where, how sure. Rows of metrics in, findings out.

Below every surface: `findings` asks for rows through a function that it is given, and knows no engine and no page.
docs/explanation/stories.md has every rule.
"""

from viewbox.stories.finder import Scope, asks, findings
from viewbox.stories.finding import Ask, Finding, Kind, Look, Rows

__all__ = ["Ask", "Finding", "Kind", "Look", "Rows", "Scope", "asks", "findings"]
