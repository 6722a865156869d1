// Both phones, the panel, and whether the hotline is there.
import { byId } from "./dom.js";
import { post } from "./net.js";
import * as panel from "./panel.js";
import * as robots from "./robots.js";
import * as sms from "./sms.js";
import { TEXTS } from "./texts.js";
import * as wechat from "./wechat.js";

async function watch() {
  const state = byId("hotline-state");
  for (;;) {
    try {
      const { ok } = await post("/api/wechat/handshake", {});
      state.dataset.state = ok ? "online" : "offline";
      state.textContent = ok ? TEXTS.online : TEXTS.offline;
      await panel.refresh();
      await robots.refresh();
    } catch {
      state.dataset.state = "offline";
      state.textContent = TEXTS.offline;
    }
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  }
}

wechat.start();
sms.start();
panel.start();
byId("robots").addEventListener("toggle", robots.refresh);
watch();
