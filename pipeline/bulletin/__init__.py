"""The bulletin of a programme for a period: what it promised, how far it has got, what changed, who answers for it."""
