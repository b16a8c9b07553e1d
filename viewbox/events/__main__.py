"""`python -m viewbox.events > data/schema/events.v1.json`"""

import sys

from viewbox.events.json_schema import schema_json

if __name__ == "__main__":
    sys.stdout.write(schema_json())
