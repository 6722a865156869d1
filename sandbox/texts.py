"""What WeChat itself says to a resident, the menu, and the names of made-up residents.

The page's own words are in templates/page.html and static/js/texts.js.
"""

from __future__ import annotations

OUTAGE = "该公众号提供的服务出现故障，请稍后再试"
MENU = (("被骗了", "被骗了"), ("举报", "举报"), ("咨询", "咨询"), ("领奖", "领奖"), ("人工", "人工"))  # label, EventKey
RESIDENT_NAME = "居民 {number}"
