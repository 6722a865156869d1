"""kill -9 of every process while losses are told: no card lost or doubled, no ladder step, everybody answered."""
