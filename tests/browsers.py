"""Values of the header Accept that programs send, and the format that each gets.

Of browsers: "List of default Accept values" in MDN's documentation of HTTP, under "Default values" for
navigation, and "Values for an image"; Safari 17's as it is sent. Of curl, wget and crawlers: MDN's page
on Accept, and "First date with the Googlebot" in Google's documentation for site owners.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Browser:
    """A program, the Accept header that it sends (None: none), and the extensions that it gets.

    *size* is for a width; *card* for a preset in AVIF, WebP and JPEG.
    """

    name: str
    accept: str | None
    size: str
    card: str


_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,"
BROWSERS = (
    # Images of a page
    Browser(
        "Chrome",
        "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        "auto-avif",
        "avif",
    ),
    Browser(
        "Chrome 85 to 87", "image/avif,image/webp,image/apng,image/*,*/*;q=0.8", "auto-avif", "avif"
    ),
    Browser("Chrome before 85", "image/webp,image/apng,image/*,*/*;q=0.8", "auto-webp", "webp"),
    Browser(
        "Edge 121",
        "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        "auto-avif",
        "avif",
    ),
    Browser(
        "Edge before 121",
        "image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        "auto-webp",
        "webp",
    ),
    Browser(
        "Edge with its own engine", "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "auto", "jpg"
    ),
    Browser(
        "Firefox 128",
        "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
        "auto-avif",
        "avif",
    ),
    Browser("Firefox 92 to 127", "image/avif,image/webp,*/*", "auto-avif", "avif"),
    Browser("Firefox 65 to 91", "image/webp,*/*", "auto-webp", "webp"),
    Browser("Firefox 47 to 63", "*/*", "auto", "jpg"),
    Browser("Firefox before 47", "image/png,image/*;q=0.8,*/*;q=0.5", "auto", "jpg"),
    Browser(
        "Safari 17",
        "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,"
        "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
        "auto-avif",
        "avif",
    ),
    Browser(
        "Safari 14 to 15",
        "image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5",
        "auto-webp",
        "webp",
    ),
    Browser(
        "Safari before 14",
        "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5",
        "auto",
        "jpg",
    ),
    Browser(
        "Internet Explorer 9", "image/png, image/svg+xml, image/*;q=0.8, */*;q=0.5", "auto", "jpg"
    ),
    # An image in the address bar
    Browser(
        "Chrome, opened", f"{_PAGE}image/avif,image/webp,image/apng,*/*;q=0.8", "auto-avif", "avif"
    ),
    Browser("Firefox 92, opened", f"{_PAGE}image/avif,image/webp,*/*;q=0.8", "auto-avif", "avif"),
    Browser("Firefox 72 to 91, opened", f"{_PAGE}image/webp,*/*;q=0.8", "auto-webp", "webp"),
    Browser("Safari, opened", f"{_PAGE}*/*;q=0.8", "auto", "jpg"),
    Browser(
        "Edge with its own engine, opened",
        "text/html, application/xhtml+xml, image/jxr, */*",
        "auto",
        "jpg",
    ),
    Browser(
        "Internet Explorer 8, opened",
        "image/jpeg, application/x-ms-application, image/gif, application/xaml+xml, image/pjpeg, "
        "application/x-ms-xbap, application/x-shockwave-flash, application/msword, */*",
        "auto",
        "jpg",
    ),
    Browser(
        "Opera 12, opened",
        "text/html, application/xml;q=0.9, application/xhtml+xml, image/png, image/webp, image/jpeg, "
        "image/gif, image/x-xbitmap, */*;q=0.1",
        "auto-webp",
        "webp",
    ),
    # Programs
    Browser("curl", "*/*", "auto", "jpg"),
    Browser("wget", "*/*", "auto", "jpg"),
    Browser("Googlebot", "*/*", "auto", "jpg"),
    Browser("a program without the header", None, "auto", "jpg"),
    # What RFC 9110, 12.5.1 allows besides
    Browser("AVIF alone", "image/avif", "avif", "avif"),
    Browser("WebP before AVIF", "image/avif;q=0.5,image/webp", "auto-webp", "avif"),
    Browser("AVIF and WebP alike", "image/webp;q=0.7,image/avif;q=0.7", "auto-avif", "avif"),
    Browser("no AVIF", "image/avif;q=0,image/webp,*/*", "auto-webp", "webp"),
    Browser("neither", "image/avif;q=0.0, image/webp;q=0.000, */*", "auto", "jpg"),
    Browser("capitals and spaces", "IMAGE/AVIF ; Q=0.9 , image/WebP ;q=0.8", "auto-avif", "avif"),
    Browser("a parameter before the weight", "image/webp;level=1;q=0,image/avif", "avif", "avif"),
    Browser("a longer name", "image/avif-sequence,image/webp2,*/*", "auto", "jpg"),
    Browser("no images at all", "text/html", "auto", "jpg"),
    Browser("all but JPEG", "image/jpeg;q=0,image/*", "auto", "jpg"),
    Browser("a weight that is none", "image/avif;q=high,image/webp", "auto-webp", "webp"),
    Browser("a weight below none", "image/avif;q=-1,image/webp", "auto-webp", "webp"),
    Browser("a weight beyond all", "image/avif;q=Infinity,image/webp", "auto-webp", "webp"),
    Browser("an empty header", "", "auto", "jpg"),
)
