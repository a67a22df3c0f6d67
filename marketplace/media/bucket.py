"""The bucket in which finished files lie, where one is configured (`MEDIA_BUCKET`): any store that speaks S3.

What arrives stays on the house's disk until it is whole: S3's multipart upload has no offset that survives a crash in the middle of
a part. Who may enter the bucket is told by the environment, as for any client of S3 (AWS_ACCESS_KEY_ID and so on).
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings

PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3, "mode": "standard"})
MISSING = ("404", "NoSuchKey", "NotFound")


def is_used() -> bool:
    return bool(settings.MEDIA_BUCKET)


def put(path: Path) -> None:
    """The file is in the bucket, whole and by its hash, when this returns. Twice is once. Raises what S3 refuses by."""
    told = {"ChecksumAlgorithm": "SHA256"}
    _client().upload_file(str(path), settings.MEDIA_BUCKET, _key(path), ExtraArgs=told)
    if size_of(path) != path.stat().st_size:
        raise OSError(f"{path.name} did not arrive whole")


def size_of(path: Path) -> int:
    """In bytes; 0 where there is none."""
    try:
        found = _client().head_object(Bucket=settings.MEDIA_BUCKET, Key=_key(path))
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return 0
        raise
    return int(found["ContentLength"])


def part_of(path: Path, first: int, last: int) -> bytes:
    """From one byte to another, both included."""
    asked = f"bytes={first}-{last}"
    found = _client().get_object(Bucket=settings.MEDIA_BUCKET, Key=_key(path), Range=asked)
    return bytes(found["Body"].read())


def remove(path: Path) -> None:
    """Gone; where there is none, nothing happens. A bucket that keeps versions keeps them: turn that off, or let them expire."""
    _client().delete_object(Bucket=settings.MEDIA_BUCKET, Key=_key(path))


def _key(path: Path) -> str:
    return path.name


def _client() -> Any:
    return _client_of(settings.MEDIA_S3_ENDPOINT, settings.MEDIA_S3_REGION)


@lru_cache(maxsize=4)
def _client_of(endpoint: str, region: str) -> Any:
    # Clients may be shared by threads, and take long to make.
    return boto3.client("s3", endpoint_url=endpoint or None, region_name=region or None, config=PATIENCE)
