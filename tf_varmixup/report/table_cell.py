"""A number of a table, with what is known of its spread."""

import dataclasses
import math

from tf_varmixup.report.formatting import MISSING


@dataclasses.dataclass(frozen=True)
class TableCell:
    """A number of a table.

    Attributes:
        value: The number; NaN for what nothing measured.
        deviation: Its standard deviation, or NaN.
        low: Lower bound of its interval, or NaN.
        high: Upper bound.
        best: Whether it is marked as the best of its column.

    Example:
        >>> TableCell(0.91, deviation=0.01).parts(factor=100, decimals=2)
        ('91.00', '± 1.00')
        >>> TableCell(-0.02, low=-0.03, high=0.01).parts(factor=1, decimals=2, signed=True)
        ('-0.02', '[-0.03, +0.01]')
    """

    value: float
    deviation: float = math.nan
    low: float = math.nan
    high: float = math.nan
    best: bool = False

    def parts(self, factor: float, decimals: int, signed: bool = False) -> tuple[str, str]:
        """Write the number, and its deviation or else its interval.

        Args:
            factor: What the numbers are multiplied by.
            decimals: How many decimals they have.
            signed: Whether positive numbers have a sign.

        Returns:
            A tuple of two strings, the latter empty where nothing is known of the spread.
        """

        def text(value: float) -> str:
            written = f"{factor * value:{'+' if signed else ''}.{decimals}f}"
            return written if float(written) else written.lstrip("+-")  # 0 has no sign

        if not math.isfinite(self.value):
            return MISSING, ""
        if math.isfinite(self.deviation):
            return text(self.value), f"± {factor * self.deviation:.{decimals}f}"
        if math.isfinite(self.low) and math.isfinite(self.high):
            return text(self.value), f"[{text(self.low)}, {text(self.high)}]"
        return text(self.value), ""
