// A headless browser by the W3C WebDriver protocol: an address to open, things to click, text to wait for.

export class Browser {
  #base;

  static async open(driver) {
    const browser = new Browser();
    const options = {
      args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,1000", "--disable-dev-shm-usage"],
    };
    const capabilities = {
      alwaysMatch: { browserName: "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": { browser: "ALL" } },
    };
    const { sessionId } = await browser.#ask("POST", `${driver}/session`, { capabilities });
    browser.#base = `${driver}/session/${sessionId}`;
    return browser;
  }

  close() { return this.#ask("DELETE", this.#base); }
  go(url) { return this.#ask("POST", `${this.#base}/url`, { url }); }
  run(script, ...args) { return this.#ask("POST", `${this.#base}/execute/sync`, { script, args }); }
  picture() { return this.#ask("GET", `${this.#base}/screenshot`); }

  async click(selector) {
    await this.#ask("POST", `${await this.#element(selector)}/click`, {});
  }

  async type(selector, text) {
    await this.#ask("POST", `${await this.#element(selector)}/value`, { text });
  }

  async clear(selector) {
    await this.#ask("POST", `${await this.#element(selector)}/clear`, {});
  }

  async press(keys) {
    const actions = [...keys].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
    await this.#ask("POST", `${this.#base}/actions`, { actions: [{ type: "key", id: "keys", actions }] });
  }

  text(selector) {
    return this.run("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent).join('\\n')", selector);
  }

  /** What it complained about since it was last asked. */
  async complaints() {
    const lines = await this.#ask("POST", `${this.#base}/se/log`, { type: "browser" });
    return lines.filter((line) => line.level === "SEVERE").map((line) => line.message);
  }

  async until(what, condition, seconds = 40) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const value = await condition();
      if (value) return value;
      if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
      await new Promise((resume) => setTimeout(resume, 25));
    }
  }

  async #element(selector) {
    const found = await this.#ask("POST", `${this.#base}/element`, { using: "css selector", value: selector });
    return `${this.#base}/element/${Object.values(found)[0]}`;
  }

  async #ask(method, url, body) {
    const reply = await fetch(url, { method, body: body && JSON.stringify(body) });
    const { value } = await reply.json();
    if (value?.error) throw new Error(`${method} ${url.split("/").at(-1)}: ${value.error}: ${value.message}`);
    return value;
  }
}
