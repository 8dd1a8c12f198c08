"""The one base class of every error the kit raises on purpose."""


class KitError(Exception):
    """A mistake the user can mend. Its message is Chinese and says what, where, and what to do."""
