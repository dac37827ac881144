"use strict";
/* Renews each panel in place and only where something changed; picks a filter at once; Escape closes explanations. */
(() => {
  const every = 1000 * Number(document.body.dataset.refresh);
  const known = new WeakMap();

  async function renew(place) {
    const tag = known.get(place);
    const answer = await fetch(place.dataset.src, { headers: tag ? { "If-None-Match": tag } : {} });
    if (answer.status === 304) return;
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    const first = !known.has(place);
    known.set(place, answer.headers.get("ETag"));
    if (first && sameText(place, html)) return;
    replace(place, html);
  }

  function sameText(place, html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    return made.content.textContent.replace(/\s+/g, "") === place.textContent.replace(/\s+/g, "");
  }

  function replace(place, html) {
    const before = place.querySelector(".stat");
    const said = before && before.textContent.trim();
    const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const scroll = place.querySelector(".scroll");
    const left = scroll ? scroll.scrollLeft : 0;
    place.innerHTML = html;
    const stat = place.querySelector(".stat");
    if (said && stat && stat.textContent.trim() !== said) stat.classList.add("changed");
    const again = place.querySelector(".scroll");
    if (again && left) again.scrollLeft = left;
    if (focused !== null) {
      for (const link of place.querySelectorAll("a")) if (link.getAttribute("href") === focused) { link.focus(); break; }
    }
  }

  async function round() {
    if (!document.hidden) {
      try {
        for (const place of document.querySelectorAll("[data-src]")) await renew(place);
        document.body.classList.remove("away");
      } catch {
        document.body.classList.add("away");
      }
    }
    setTimeout(round, every);
  }

  for (const form of document.querySelectorAll("form.filters")) {
    form.classList.add("by-itself");
    form.addEventListener("change", () => {
      const query = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (value !== "$__all") query.append(name, value);
      const text = query.toString();
      location.assign(form.getAttribute("action") + (text ? "?" + text : ""));
    });
  }
  for (const back of document.querySelectorAll("[data-back]")) {
    back.addEventListener("click", (event) => {
      if (history.length > 1 && document.referrer === "" ? window.navigation?.canGoBack : history.length > 1) {
        event.preventDefault();
        history.back();
      }
    });
  }
  const close = (except) => {
    for (const how of document.querySelectorAll("details.how[open]")) if (how !== except) how.open = false;
  };
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(null); });
  document.addEventListener("click", (event) => close(event.target.closest("details.how")));
  if (every > 0) setTimeout(round, every);
})();
