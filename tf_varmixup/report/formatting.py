"""Numbers as people read them."""


def percent(share, decimals=1):
    """Write a share as a percentage.

    Args:
        share: number, 1 being all.
        decimals: how many decimals the percentage has.

    Returns:
        A string.

    Example:
        >>> percent(0.9137)
        '91.4 %'
    """
    return f"{100 * share:.{decimals}f} %"


def duration(seconds):
    """Write a time in the two units that matter.

    Args:
        seconds: non-negative number.

    Returns:
        A string.

    Example:
        >>> duration(5400), duration(75), duration(2.34)
        ('1 h 30 min', '1 min 15 s', '2.3 s')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"
