"""Every sentence this folder says beside the answers and fraud types."""

from __future__ import annotations

RESEMBLES = "这很像“{name}”的骗局：{recognise}。"
REPORTED = "您说的这个，我们这里已经收到过举报。"
UNKNOWN = "我们还没查到它的记录，但查不到不等于没问题。"
DO = "没转的，请{do}。"
UNKNOWN_DO = "没转的，请先停手：不转钱、不点链接、不给验证码，打96110核实。"
PAID = "已经转了钱的，现在就打110。"
