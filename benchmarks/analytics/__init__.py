"""The dashboard's questions and the tables behind them, against SQL and pandas on the raw events.

`benchmark.py` is what `python -m benchmarks` measures; `python -m benchmarks.analytics` tells a person where time goes.
"""
