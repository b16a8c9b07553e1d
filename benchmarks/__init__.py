"""What ViewBox costs: ratios against a peer or a bare tool, measured in the same run on the same machine.

`python -m benchmarks` runs all of them. Each writes a JSON record to benchmarks/results/ and prints a short table.
"""
