"""Errors of repairs, and of images that cannot be included."""

from __future__ import annotations


class MaintenanceError(Exception):
    """Base class. `code` is stable and machine-readable; the message is for people."""

    code = "maintenance_error"


class UnknownImageError(MaintenanceError):
    """The stack has no image with this ID, or the image has no original."""

    code = "unknown_image"


class NotAnS3AddressError(MaintenanceError):
    """The source of a backfill is not of the form `s3://bucket/prefix`."""

    code = "not_an_s3_address"


class NothingToBackfillError(MaintenanceError):
    """There are no objects under this address."""

    code = "nothing_to_backfill"


class ExportFolderError(MaintenanceError):
    """The folder of an export contains other files, or cannot be written."""

    code = "export_folder"


class UnknownOwnerError(MaintenanceError):
    """The stack stores nothing of this owner."""

    code = "unknown_owner"
