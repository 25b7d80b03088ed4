"""What can be set while the service runs."""

from pydantic import BaseModel, ConfigDict, Field

from .order import LARGEST_QUANTITY


class Settings(BaseModel):
    """The configuration document. What it leaves out is as in the file that comes with the service.

    Attributes:
        orders_accepted: Whether new orders are taken. Those that were placed can be read and deleted all the same.
        largest_quantity: The most of one item in a new order; 1 to 1000.
    """

    model_config = ConfigDict(strict=True, frozen=True)

    orders_accepted: bool
    largest_quantity: int = Field(ge=1, le=LARGEST_QUANTITY)
