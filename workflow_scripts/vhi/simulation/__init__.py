"""The simulated study: a pelvis, its scans, its readers and its patients."""
