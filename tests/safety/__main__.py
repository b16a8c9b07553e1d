"""The long form of the safety corpus, `make safety`: damaged clips by the hundred through the whole import.

`python -m tests.safety [--mutations 600] [--captions 20000] [--seed TEXT]`. Prints what became of all; ends with 1 when
a canary was opened, a forbidden address connected to, a process or folder left behind, or an error had no clear code.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.importing import Importer
from tests.safety import disguises, mutations
from tests.safety.trial import Outcome, run_through
from tests.safety.witness import Witness, watching
from viewbox import logs
from viewbox.captions import read_captions
from viewbox.errors import InvalidInput

BATCH = 50  # damaged clips of one worker


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.safety", description=__doc__.partition("\n")[0])
    parser.add_argument("--mutations", type=int, default=600, help="damaged clips")
    parser.add_argument("--captions", type=int, default=20_000, help="damaged caption files")
    parser.add_argument("--seed", default="1", help="another one damages in other places")
    arguments = parser.parse_args()
    logs.configure(level="CRITICAL")  # the table tells all
    folder = Path(tempfile.mkdtemp(prefix="safety-"))
    print(f"seed {arguments.seed}, {folder}", flush=True)
    began = time.monotonic()
    (folder / "seeds").mkdir()
    clips = mutations.seeds(folder / "seeds")
    canary = shutil.copyfile(clips[0], folder / "canary.mp4")
    total = Outcome()
    with watching(canary) as witness:
        total.merge(_disguised(folder, canary, witness))
        total.merge(_damaged(folder, clips, witness, arguments.mutations, arguments.seed))
    captions = _captions(clips, arguments.captions, arguments.seed)
    print(f"{sum(total.verdicts.values())} files through the import:")
    for code, count in total.verdicts.most_common():
        print(f"  {count:5} {code}")
    print(f"FFmpeg and ffprobe ended by a signal, each in its own process: {dict(total.signals) or 'none'}")
    print(f"{arguments.captions} damaged caption files: {dict(captions)}")
    print(f"{(time.monotonic() - began) / 60:.1f} min, {len(total.wrong)} wrong")
    for line in total.wrong:
        print(f"WRONG: {line}")
    if not total.wrong:
        shutil.rmtree(folder)
    return 1 if total.wrong else 0


def _disguised(folder: Path, canary: Path, witness: Witness) -> Outcome:
    place = folder / "disguises"
    place.mkdir()
    for name, content in disguises.texts(canary, witness.port).items():
        (place / name).write_text(content, encoding="utf-8")
    files = [(path.name, path) for path in sorted(place.iterdir())]
    return run_through(Importer(folder / "disguised"), [*files, ("bomb", disguises.png_bomb(folder))], witness)


def _damaged(folder: Path, clips: list[Path], witness: Witness, count: int, seed: str) -> Outcome:
    """In batches, so that no more than one of them lies on the disk."""
    total = Outcome()
    wanted = mutations.mutations(clips, count, seed)
    for start in range(0, count, BATCH):
        place = folder / f"batch {start}"
        place.mkdir()
        made = []
        for name, content in wanted[start : start + BATCH]:
            (place / name).write_bytes(content())
            made.append((name, place / name))
        outcome = run_through(Importer(place / "data"), made, witness)
        total.merge(outcome)
        print(f"  {start + len(made)} of {count}, {len(total.wrong)} wrong", flush=True)
        if not outcome.wrong:
            shutil.rmtree(place)
    return total


def _captions(clips: list[Path], count: int, seed: str) -> Counter[str]:
    texts = [clips[0].parent / name for name in ("a.srt", "c.vtt")]
    found: Counter[str] = Counter()
    for _, content in mutations.mutations(texts, count, seed):
        try:
            read_captions(content())
            found["read"] += 1
        except InvalidInput as error:
            found[error.code] += 1
    return found


if __name__ == "__main__":
    sys.exit(main())
