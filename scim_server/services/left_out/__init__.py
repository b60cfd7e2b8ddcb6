"""People left out by the gate: listed, retried, bought for, dismissed."""
