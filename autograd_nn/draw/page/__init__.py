"""The interactive page: one HTML file of Graphviz's picture, a style sheet, a script in small files, and the data."""

from autograd_nn.draw.page.data import Frame, page_data
from autograd_nn.draw.page.document import Page, page

__all__ = ["Frame", "Page", "page", "page_data"]
