"""The product is measured beside a task-per-event variant, on the same twins and with the same events."""
