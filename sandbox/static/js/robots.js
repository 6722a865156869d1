// What the robots of the two staff groups posted.
import { byId } from "./dom.js";
import { get } from "./net.js";
import { TEXTS } from "./texts.js";

export async function refresh() {
  const groups = await get("/api/robots");
  let count = 0;
  for (const [name, posts] of Object.entries(groups)) {
    count += posts.length;
    byId(`${name}-posts`).replaceChildren(...posts.slice(-30).reverse().map(line));
  }
  byId("robots-badge").hidden = count === 0;
  byId("robots-badge").textContent = TEXTS.posts(count);
}

function line(post) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date(post.at).toLocaleTimeString("zh-CN");
  const text = document.createElement("p");
  text.textContent = (post.loud ? TEXTS.everybody : "") + post.text;
  const state = document.createElement("small");
  state.textContent = post.arrived ? (post.errcode ? TEXTS.robotDenied(post.errcode) : "") : TEXTS.robotRefused(post.errcode);
  item.append(time, text, state);
  return item;
}
