// Who is playing on one phone: choose, make a new one, and keep its screen up to date.
import { byId, report } from "./dom.js";
import { get, post } from "./net.js";

const PAUSE = 700;

export class Person {
  // channel: wechat or sms; show(view): draw the newest view, null for nobody.
  constructor(channel, show) {
    this.channel = channel;
    this.show = show;
    this.id = "";
    this.revision = -1;
    this.select = byId(`${channel}-person`);
    this.select.addEventListener("change", () => this.choose(this.select.value).catch(report));
    byId(`${channel}-new`).addEventListener("click", () => this.create().catch(report));
  }

  path(rest = "") {
    return `/api/${this.channel}/${encodeURIComponent(this.id)}${rest}`;
  }

  async create() {
    const { id } = await post("/api/residents", { channel: this.channel });
    await this.list();
    await this.choose(id); // they may be gone again: then the next look finds somebody
  }

  choose(id) {
    this.id = id;
    this.revision = -1;
    this.select.value = id;
    sessionStorage.setItem(this.channel, id);
    this.show(null);
    return this.refresh();
  }

  async list() {
    const everybody = (await get("/api/residents"))[this.channel];
    const ids = everybody.map((one) => one.openid || one.number);
    if (ids.join() !== [...this.select.options].map((option) => option.value).join()) {
      this.select.replaceChildren(
        ...everybody.map((one, index) => new Option(label(one, ids[index]), ids[index], false, ids[index] === this.id)),
      );
    }
    return ids;
  }

  // Somebody is always there: the one from before, the first, or a new one.
  async ensure() {
    const ids = await this.list();
    const before = sessionStorage.getItem(this.channel);
    if (ids.length === 0) await this.create();
    else await this.choose(ids.includes(before) ? before : ids[0]);
  }

  async refresh() {
    const asked = this.id;
    const view = await get(this.path(`?revision=${this.revision}`));
    if (view && asked === this.id) {
      this.revision = view.revision;
      this.show(view);
    }
  }

  async run() {
    for (;;) {
      try {
        if (this.id) await this.refresh();
        else await this.ensure();
      } catch (error) {
        if (error.status === 404) this.id = ""; // the sandbox was started anew or emptied
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

function label(one, id) {
  return one.name === id ? id : `${one.name}（${id.startsWith("o") ? `…${id.slice(-4)}` : id}）`;
}
