// <crm-assist-panel src poll data-texts>: fetches its fragment, keeps it fresh, and sends the agent's answers.
// Plain script: no library, nothing inline, no eval. It never submits a form and never blocks the host's page.
(() => {
  "use strict";
  if (!window.customElements || customElements.get("crm-assist-panel")) return;

  const LONGEST_PAUSE = 300; // seconds between attempts while help is away
  const PATIENCE = 15000; // milliseconds before a request counts as failed
  const KEPT = 15000; // milliseconds for which words that something was not saved stay, whatever else there is to say
  const CALM = 700; // milliseconds for which buttons that changed are deaf: what comes in them was meant for the others
  const KEYS = { a: "accepted", l: "later", r: "reject" };

  // Hosts that require Trusted Types may allow this one policy by name.
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("crm-assist", { createHTML: (text) => text })
    : { createHTML: (text) => text };

  const requestKey = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");

  class CrmAssistPanel extends HTMLElement {
    connectedCallback() {
      if (!this.body) this.build();
      this.abort = new AbortController();
      const signal = this.abort.signal;
      this.addEventListener("click", (event) => this.onClick(event), { signal });
      this.addEventListener("keydown", (event) => this.onKey(event), { signal });
      document.addEventListener("visibilitychange", () => document.hidden || this.refresh(), { signal });
      window.addEventListener("online", () => this.refresh(), { signal });
      this.ticker = setInterval(() => this.tick(), 1000);
      this.refresh();
    }

    disconnectedCallback() {
      this.abort.abort();
      clearInterval(this.ticker);
      clearTimeout(this.timer);
      clearTimeout(this.calmer);
      if (this.watcher) this.watcher.disconnect();
    }

    build() {
      try {
        this.texts = JSON.parse(this.dataset.texts || "{}");
      } catch {
        this.texts = {};
      }
      this.etag = "";
      this.failures = 0;
      this.era = 0;
      this.calmUntil = -Infinity;
      this.pending = new Map(); // one request key for each answer under way
      this.told = new Map(); // answers to scores, by decision
      this.seen = new Set();
      this.body = document.createElement("div");
      this.notice = document.createElement("p");
      this.notice.className = "crm-assist-notice";
      this.notice.setAttribute("role", "status");
      this.notice.setAttribute("aria-live", "polite");
      // Last, where it moves nothing that is being clicked; the style sheet keeps it on the screen.
      this.replaceChildren(this.body, this.notice);
      this.hidden = true;
    }

    fragment() {
      return this.body.querySelector("[data-crm-assist-fragment]");
    }

    // Kinds: "failed" and "away" are warnings, "quiet" is for those who listen, "below" stands under what was clicked.
    say(text, kind = "") {
      this.said = performance.now();
      this.notice.textContent = text || "";
      this.notice.dataset.kind = kind;
      if (text) this.hidden = false;
    }

    // Whether the words there say that something was not saved, and were not there for long: nothing talks over them.
    isKept() {
      return this.notice.dataset.kind === "failed" && performance.now() - this.said < KEPT;
    }

    saySignedOut() {
      this.say(this.texts.signedOut, "failed");
      if (!this.dataset.login) return;
      const way = document.createElement("a");
      const back = encodeURIComponent(location.pathname + location.search);
      way.href = `${this.dataset.login}${this.dataset.login.includes("?") ? "&" : "?"}next=${back}`;
      way.textContent = this.texts.signIn;
      way.className = "crm-assist-link";
      this.notice.append(" ", way);
    }

    // ---- keeping the fragment fresh

    plan() {
      clearTimeout(this.timer);
      const poll = Math.max(5, Number(this.getAttribute("poll")) || 20);
      const pause = Math.min(LONGEST_PAUSE, poll * 2 ** Math.min(this.failures, 6));
      this.timer = setTimeout(() => this.refresh(), Math.max(poll, pause) * 1000);
    }

    async refresh({ fresh = false } = {}) {
      if (!this.isConnected) return;
      this.plan();
      if (fresh) this.stale = true;
      if ((document.hidden && this.etag) || this.refreshing) return;
      this.refreshing = true;
      try {
        await this.load(this.stale);
      } catch {
        this.failed();
      } finally {
        this.refreshing = false;
      }
      if (this.stale) this.refresh();
    }

    async load(fresh) {
      const era = this.era; // an answer given meanwhile makes what is under way out of date
      this.stale = false;
      const headers = { Accept: "text/html" };
      if (this.etag && !fresh) headers["If-None-Match"] = this.etag;
      const answer = await this.ask(this.getAttribute("src"), { headers });
      if (answer.status === 304) return this.recovered();
      if (answer.type === "opaqueredirect" || answer.status === 401) return this.signedOut();
      if (answer.status === 404) return this.empty();
      if (!answer.ok) throw new Error(String(answer.status));
      const parsed = new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
      const fragment = parsed.querySelector("[data-crm-assist-fragment]");
      if (!fragment) throw new Error("not our fragment");
      this.recovered();
      if (era !== this.era || this.busy()) return; // the agent is writing: the next poll brings it, since the ETag is not kept
      this.etag = answer.headers.get("ETag") || "";
      this.show(document.adoptNode(fragment));
    }

    ask(url, options) {
      const signal = AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined;
      return fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "manual", signal, ...options });
    }

    busy() {
      return this.pending.size > 0 || Boolean(this.body.querySelector("[data-box]:not([hidden]), [data-own-offer][open]"));
    }

    recovered() {
      if (this.failures || this.isEmpty) this.say("");
      this.failures = 0;
      this.isEmpty = false;
      this.removeAttribute("data-stale");
      this.plan();
    }

    failed() {
      this.failures += 1;
      const shown = this.fragment();
      if (shown) this.setAttribute("data-stale", "");
      // That an answer was not saved matters more, and is not talked over.
      if (this.notice.dataset.kind !== "failed") this.say(shown ? this.texts.older : this.texts.away, "away");
      this.plan();
    }

    empty() {
      this.etag = "";
      this.isEmpty = true;
      this.body.replaceChildren();
      if (!this.isKept()) this.say("");
      this.hidden = !this.isKept();
    }

    // Nothing personal stays on the screen, and nothing jumps: the panel keeps its height, and the words come into view.
    signedOut() {
      const height = this.body.offsetHeight;
      const isNew = !this.isEmpty || this.hidden;
      this.empty();
      // An empty picture as high as what stood there: a policy may forbid styles of our own, and this needs none.
      const space = document.createElement("canvas");
      space.className = "crm-assist-space";
      [space.width, space.height] = [1, height];
      this.body.append(space);
      this.saySignedOut();
      if (isNew && this.asked) this.notice.scrollIntoView({ block: "nearest" });
      this.asked = false;
    }

    show(fragment) {
      const nothing = fragment.hasAttribute("data-empty");
      const before = this.fragment();
      const focus = this.contains(document.activeElement) ? document.activeElement.dataset.k : "";
      const open = [...this.body.querySelectorAll("details[open]")].map((part) => part.dataset.k);
      const buttons = this.buttons();
      this.body.replaceChildren(fragment);
      if (nothing && !this.isKept()) this.say("");
      this.hidden = nothing && !this.isKept();
      for (const part of this.body.querySelectorAll("details")) part.open = open.includes(part.dataset.k);
      for (const button of this.body.querySelectorAll("[data-undo]")) {
        button.until = performance.now() + Number(button.dataset.undo) * 1000;
      }
      this.markScore(fragment.dataset.decision);
      if (focus) this.focusOn(focus);
      const isOther = !nothing && before && before.dataset.decision !== fragment.dataset.decision;
      if (isOther && !this.isKept()) this.say(this.texts.changed);
      this.tick();
      if (this.buttons() !== buttons) this.calm();
      this.watch(fragment);
    }

    // Which buttons the cards show, and where among them.
    buttons() {
      const cards = [...this.body.querySelectorAll("[data-suggestion]")];
      return cards.map((card) => `${card.dataset.suggestion} ${card.dataset.state} ${this.canUndo(card)}`).join();
    }

    canUndo(card) {
      return !card.querySelector("[data-undo]").hidden;
    }

    // Whoever presses twice means the button that stood there before: for a moment nothing is heard.
    calm() {
      this.calmUntil = performance.now() + CALM;
      this.dataset.calm = "";
      clearTimeout(this.calmer);
      this.calmer = setTimeout(() => delete this.dataset.calm, CALM);
    }

    isCalm() {
      return performance.now() < this.calmUntil;
    }

    focusOn(key) {
      const found = [...this.body.querySelectorAll("[data-k]")].find((part) => part.dataset.k === key);
      const visible = found && found.getClientRects().length > 0;
      const card = this.body.querySelector(`[data-k="card-${CSS.escape(key.replace(/^[a-z]+-/, ""))}"]`);
      const target = visible ? found : card;
      if (target) target.focus({ preventScroll: true });
    }

    watch(fragment) {
      if (this.watcher) this.watcher.disconnect();
      const { decision, displayed } = fragment.dataset;
      if (!decision || !displayed || fragment.hasAttribute("data-empty") || this.seen.has(decision)) return;
      this.watcher = new IntersectionObserver((entries) => {
        if (document.hidden || !entries.some((entry) => entry.isIntersecting)) return;
        this.watcher.disconnect();
        this.seen.add(decision);
        this.post(displayed, {}).catch(() => this.seen.delete(decision));
      });
      this.watcher.observe(fragment);
    }

    tick() {
      for (const button of this.body.querySelectorAll("[data-undo]:not([hidden])")) {
        const left = Math.ceil(((button.until || 0) - performance.now()) / 1000);
        button.hidden = left <= 0;
        button.textContent = (this.texts.undoIn || "%s").replace("%s", left);
        button.setAttribute("aria-label", this.texts.undo || "");
      }
    }

    // ---- answering

    async post(url, body, again = true) {
      const fragment = this.fragment();
      const answer = await this.ask(url, {
        method: "POST",
        headers: {
          Accept: "application/json",
          "Content-Type": "application/json",
          "X-CSRFToken": (fragment && fragment.dataset.token) || "",
        },
        body: JSON.stringify(body),
      });
      const json = (answer.headers.get("Content-Type") || "").includes("json");
      const value = json ? await answer.json() : {};
      if (answer.status === 403 && value.code !== "not_allowed" && again) {
        // The token is outdated, as after signing in again: take the new one and repeat with the same request key.
        await this.renewToken().catch(() => {});
        return this.post(url, body, false);
      }
      return { status: answer.status, ok: answer.ok, value };
    }

    async renewToken() {
      const answer = await this.ask(this.getAttribute("src"), { headers: { Accept: "text/html" } });
      const parsed = new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
      const found = parsed.querySelector("[data-crm-assist-fragment]");
      if (found && this.fragment()) this.fragment().dataset.token = found.dataset.token;
    }

    onClick(event) {
      const button = event.target.closest("button");
      if (!button || !this.contains(button)) return;
      const card = button.closest("[data-suggestion]");
      // The further clicks of a double one keep the calm up; and they do not close what the first one opened.
      const further = event.detail > 1;
      if (this.isCalm() || (further && button.dataset.open)) {
        if (further) this.calm();
      } else if (button.dataset.open) this.toggle(card, button.dataset.open);
      else if ("close" in button.dataset) this.close(card);
      else if (button.dataset.kind) this.choose(card, button);
      else if ("undo" in button.dataset) this.undo(card);
      else if (button.dataset.score) this.answerScore(button);
      else if ("own" in button.dataset) this.noteOwn(button.closest("[data-own-offer]"));
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    onKey(event) {
      const card = event.target.closest("[data-suggestion]");
      if (!card || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const answers = card.dataset.state === "open" && event.key.toLowerCase() in KEYS;
      if (event.key === "Escape" && card.querySelector("[data-box]:not([hidden])")) {
        this.toggle(card, "");
      } else if (event.target.closest("input, textarea, select") || !answers) {
        return;
      } else if (this.isCalm()) {
        // Deaf, for keys as for clicks.
      } else if (KEYS[event.key.toLowerCase()] === "reject") {
        this.toggle(card, "reject");
      } else {
        this.answer(card, { kind: KEYS[event.key.toLowerCase()] });
      }
      event.preventDefault();
      event.stopPropagation();
    }

    toggle(card, name) {
      for (const box of card.querySelectorAll("[data-box]")) {
        box.hidden = box.dataset.box !== name || !box.hidden;
        const opener = card.querySelector(`[data-open="${box.dataset.box}"]`);
        opener.setAttribute("aria-expanded", String(!box.hidden));
      }
      const box = card.querySelector("[data-box]:not([hidden])");
      const first = box && box.querySelector("input, button");
      (first || card).focus({ preventScroll: Boolean(!first) });
    }

    close(card) {
      this.toggle(card, "");
      this.calm(); // what stood below has moved up, under the pointer
    }

    choose(card, button) {
      const answer = { kind: button.dataset.kind };
      if (button.dataset.reason) answer.reason = button.dataset.reason;
      const comment = card.querySelector('[data-box="reject"] [data-comment]');
      if (answer.kind === "rejected" && comment.value.trim()) answer.comment = comment.value.trim();
      if ("withDay" in button.dataset) {
        answer.until = card.querySelector("[data-until]").value;
        if (!answer.until) return this.say(this.texts.chooseDay);
      }
      return this.answer(card, answer);
    }

    answer(card, answer) {
      const words = this.texts[answer.kind];
      return this.send(card, card.dataset.url, answer, { state: answer.kind, words, undo_seconds: 0 });
    }

    undo(card) {
      return this.send(card, card.dataset.undoUrl, {}, { state: "open", words: "", undo_seconds: 0 });
    }

    // Shows the answer at once; a second click while it is under way changes nothing.
    async send(card, url, body, hoped) {
      if (this.pending.has(url)) return;
      const before = { state: card.dataset.state, words: card.querySelector("[data-state-words]").textContent };
      const key = requestKey();
      this.pending.set(url, key);
      card.setAttribute("aria-busy", "true");
      this.era += 1;
      this.paint(card, hoped);
      try {
        const answer = await this.post(url, { ...body, request_key: key });
        this.settle(card, answer, before, hoped);
      } catch {
        // The answer may have arrived although its echo did not: ask again with the same key before saying otherwise.
        await this.post(url, { ...body, request_key: key }).then(
          (answer) => this.settle(card, answer, before, hoped),
          () => this.settle(card, { ok: false, value: {} }, before, hoped),
        );
      } finally {
        this.pending.delete(url);
        card.removeAttribute("aria-busy");
        this.refresh({ fresh: true });
      }
    }

    settle(card, { ok, status, value }, before, hoped) {
      if (value.suggestion) this.paint(card, value.suggestion);
      else if (!ok) this.paint(card, before);
      const words = value.suggestion ? value.suggestion.words : "";
      // The card shows what became of it; the words are for those who listen.
      if (ok) this.say(hoped.state === "open" ? this.texts.back : words, "quiet");
      else if (status === 409) this.say(`${value.title} ${value.detail || words}`, "failed");
      else this.sayRefused(status, value);
    }

    sayRefused(status, value) {
      this.asked = status === 401;
      if (this.asked) this.signedOut();
      else this.say((status === 404 ? this.texts.gone : value.detail) || this.texts.failed, "failed");
    }

    paint(card, { state, words, undo_seconds: seconds = 0 }) {
      if (card.querySelector("[data-box]:not([hidden])")) this.toggle(card, "");
      const inside = card.contains(document.activeElement);
      const buttons = this.buttons();
      card.dataset.state = state;
      card.querySelector("[data-state-words]").textContent = words || "";
      const button = card.querySelector("[data-undo]");
      button.until = performance.now() + seconds * 1000;
      button.hidden = !seconds;
      this.tick();
      if (this.buttons() !== buttons) this.calm();
      if (inside) card.focus({ preventScroll: true });
    }

    async answerScore(button) {
      const group = button.closest("[data-score-answers]");
      const { decision } = this.fragment().dataset;
      if (this.pending.has(group.dataset.url) || this.told.get(decision) === button.dataset.score) return;
      this.pending.set(group.dataset.url, requestKey());
      const before = this.told.get(decision);
      this.told.set(decision, button.dataset.score);
      this.markScore(decision);
      const body = { kind: button.dataset.score, request_key: this.pending.get(group.dataset.url) };
      const noted = await this.note(group.dataset.url, body, "quiet"); // the button that stays pressed shows it
      if (!noted) this.told.set(decision, before);
      this.markScore(decision);
    }

    markScore(decision) {
      for (const button of this.body.querySelectorAll("[data-score]")) {
        button.setAttribute("aria-pressed", String(this.told.get(decision) === button.dataset.score));
      }
    }

    async noteOwn(part) {
      const product = part.querySelector("[data-product]");
      const comment = part.querySelector("[data-comment]");
      if (!product.value) return this.say(this.texts.chooseProduct);
      if (this.pending.has(part.dataset.url)) return undefined;
      this.pending.set(part.dataset.url, requestKey());
      const key = this.pending.get(part.dataset.url);
      const body = { product: product.value, comment: comment.value.trim(), request_key: key };
      if (!(await this.note(part.dataset.url, body, "below"))) return undefined;
      product.value = comment.value = "";
      part.open = false;
      return this.refresh({ fresh: true });
    }

    async note(url, body, kind) {
      try {
        const { ok, status, value } = await this.post(url, body);
        if (ok) this.say(this.texts.noted, kind);
        else this.sayRefused(status, value);
        return ok;
      } catch {
        this.say(this.texts.failed, "failed");
        return false;
      } finally {
        this.pending.delete(url);
      }
    }
  }

  customElements.define("crm-assist-panel", CrmAssistPanel);
})();
