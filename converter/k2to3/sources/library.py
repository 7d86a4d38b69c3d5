"""HDF5's own library on a file that was examined, opened when something in it has to be unpacked."""

from __future__ import annotations

import os
from dataclasses import field

import h5py

from k2to3.dataclass import dataclass
from k2to3.sources.damage import damage
from k2to3.sources.opened import OpenedFile, Part


@dataclass
class Library:
    """`size` bytes of an opened file from `offset` on, an HDF5 file of their own."""

    file: OpenedFile
    offset: int
    size: int
    _root: h5py.File | None = field(default=None, repr=False)

    def root(self) -> h5py.File:
        """The file as h5py gives it.

        Raises:
            NotKeras2: damaged. FileError: another file took its name meanwhile.
        """
        if self._root is None:
            self._root = self._opened()
        return self._root

    def close(self) -> None:
        """Close it; once is enough."""
        if self._root is not None:
            self._root.close()

    def _opened(self) -> h5py.File:
        if self.offset or self.size != self.file.size:
            with damage():
                return h5py.File(Part(self.file, self.offset, self.size), "r")
        with damage():
            root = h5py.File(self.file.path, "r", locking=False)
        try:
            if os.name == "posix":
                # The default driver is a plain descriptor, which tells whether it is the file that was examined.
                self.file.check_same(root.id.get_vfd_handle())
            self.file.check_unchanged()
        except BaseException:
            root.close()
            raise
        return root
