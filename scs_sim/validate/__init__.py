"""`scs-sim validate`: the model against published figures and clinical rules, one protocol file per comparison.

A protocol says what people measured, what is simulated, and the pass line; a measure computes; the runner keeps rows.
"""
