"""Bounds of tests that are tighter than the 1e-9 that is promised, and why they are not zero."""

ORDER_OF_SUM = 1e-12
"""An engine, or the plan, adds the terms in another order, which moves the last digits."""

OWN_FUNCTION = 1e-14
"""The engine's own exp is some units in the last place off, and its square twice as many."""

SCALED_SUM = 1e-15
"""Terms are scaled, by powers of two, before they are added: vanishing ones lose what the sum does not show."""
