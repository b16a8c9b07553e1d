"""ViewBox's own path: `viewbox.metrics.run` over an open engine, as the pages, the API and the command line ask."""

from __future__ import annotations

import pyarrow as pa

from benchmarks.analytics.questions import Question
from viewbox import metrics
from viewbox.engine import Engine


class ViewBox:
    """Answers from the rollups."""

    name = "ViewBox"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answer(self, question: Question) -> pa.Table:
        return self.run(question).table

    def run(self, question: Question) -> metrics.MetricResult:
        return metrics.run(self._engine, question.metric, question.selection)

    def answered_by(self, question: Question) -> str:
        """The table that the planner chose; empty where the engine does not say."""
        return str(getattr(self.run(question), "answered_by", None) or "")

    def forget(self) -> None:
        """Begin a pass over the set as the first page after a change of the lake would: nothing is remembered."""
        self._engine.forget()

    def close(self) -> None:
        self._engine.close()
