"""An imitation of Wavy with the customers' phones on a page; it knows nothing of the product."""
