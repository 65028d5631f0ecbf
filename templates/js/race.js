// Replays the recorded streams side by side. All words come from the page; text that
// models wrote only ever becomes text. Times are microseconds unless a name says else.
"use strict";
{
  const TAIL_CHARS = 4000; // what a running lane keeps in the page
  const ASLEEP_MS = 1000; // a longer gap between frames is sleep
  const FIGURES_MS = 100; // numbers change no faster than they can be read
  const STILL_MS = 1000; // between two pictures under reduced motion
  const PACE_AFTER = 250000; // sooner there is no pace
  const PITCH_PX = 7; // distance of blocks, as in the stylesheet

  const part = (scope, name) => scope.querySelector(`[data-race="${name}"]`);
  const filled = (pattern, text) => pattern.replace("{n}", text);

  const laneOf = (element) => ({
    words: element.dataset,
    first: +element.dataset.first,
    last: +element.dataset.last,
    count: +element.dataset.count,
    figures: [...part(element, "figures").children],
    blocks: part(element, "blocks"),
    answer: { box: part(element, "stream") },
    thoughts: { box: part(element, "thoughts") },
  });

  // Turns a lane of the file into moments.
  const stepsOf = ({ t, n, s = [], h = [] }) => {
    let time = 0;
    const at = Float64Array.from(t, (wait) => (time += wait));
    const chars = n.reduce((sum, length) => sum + Math.abs(length), 0);
    return { at, chars, n, text: s, code: h };
  };

  const reset = (lane) => {
    lane.next = lane.chars = lane.firstCount = 0;
    lane.hasBegun = lane.hasEnded = lane.isThinking = false;
    for (const side of [lane.answer, lane.thoughts]) {
      side.tail = "";
      side.box?.firstElementChild.replaceChildren("");
      side.box?.classList.remove("is-whole");
    }
    if (lane.thoughts.box) lane.thoughts.box.hidden = true;
  };

  // Keeps the end of what came: a long answer costs no more than a short one.
  const add = (side, text) => {
    if (!text || !side.box) return;
    side.tail = (side.tail + text).slice(-TAIL_CHARS).replace(/^[\udc00-\udfff]/, "");
    side.box.hidden = false;
    side.box.firstElementChild.firstChild.data = side.tail;
  };

  const takeSteps = (lane, elapsed) => {
    const { at, n, text } = lane.steps;
    const came = ["", ""];
    for (; at[lane.next] <= elapsed; lane.next += 1) {
      const length = n[lane.next];
      lane.isThinking = length < 0;
      came[+lane.isThinking] += text[lane.next] ?? "";
      lane.chars += Math.abs(length);
    }
    add(lane.answer, came[0]);
    add(lane.thoughts, came[1]);
  };

  const countAt = ({ first, last, count, steps, chars }, elapsed) => {
    if (elapsed < first) return 0;
    if (elapsed >= last) return count;
    if (steps) return Math.round((count * chars) / steps.chars);
    return 1 + Math.floor(((count - 1) * (elapsed - first)) / (last - first));
  };

  // Shows the whole answer, with its code coloured.
  const showWhole = ({ answer: { box }, steps: { n, text, code } }) => {
    if (!box) return;
    const answer = text.filter((_, i) => n[i] > 0).join("");
    const listing = document.createElement("code");
    for (let i = 0; i < code.length; i += 2) {
      const piece = { className: code[i], textContent: code[i + 1] };
      listing.append(Object.assign(document.createElement("span"), piece));
    }
    const plain = listing.textContent.trimEnd();
    const start = plain ? answer.indexOf(plain) : -1;
    const around = [answer.slice(0, start), listing, answer.slice(start + plain.length).trimStart()];
    box.firstElementChild.replaceChildren(...(start < 0 ? [plain ? listing : answer] : around));
    box.classList.add("is-whole");
    box.scrollTop = 0;
  };

  // The outline of so many blocks: whole rows, and a part of one.
  const outline = (n, columns) => {
    const height = Math.floor(n / columns) * PITCH_PX;
    return `M0 0H${columns * PITCH_PX}V${height}H${(n % columns) * PITCH_PX}V${height + PITCH_PX}H0Z`;
  };

  const drawBlocks = ({ blocks, width, count }, done, size) => {
    if (!blocks) return;
    const columns = Math.max(1, Math.floor(width / PITCH_PX));
    const all = Math.ceil(count / size);
    blocks.setAttribute("height", Math.ceil(all / columns) * PITCH_PX);
    blocks.firstElementChild.setAttribute("d", outline(all, columns));
    blocks.lastElementChild.setAttribute("d", outline(Math.ceil(done / size), columns));
  };

  const setUp = (root) => {
    const words = root.dataset;
    const [controls, go, skip, restart, speed, clock, said, box] =
      "controls go skip restart speed clock said lanes".split(" ").map((name) => part(root, name));
    const lanes = [...root.querySelectorAll("[data-lane]")].map(laneOf);
    const end = Math.max(...lanes.map((lane) => lane.last));
    const isStill = matchMedia("(prefers-reduced-motion: reduce)");
    const { lang } = root.closest("[lang]");
    const write = (n, digits) => n.toLocaleString(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    const seconds = (us) => filled(words.seconds, write(us / 1e6, 1));
    let elapsed = 0;
    let [seenMs, drawnMs, figuresMs, request] = [0, 0, 0, 0];
    let mode = "ready"; // ready, loading, running, paused, done
    let { file } = words; // until it is loaded

    const say = (...texts) => (said.textContent = texts.join(" "));

    const enter = (next) => {
      mode = next;
      go.textContent = { running: words.pause, paused: words.goOn, done: words.again }[next] ?? words.start;
      restart.disabled = next === "ready" || next === "loading";
      root.classList.toggle("is-shown", next === "running" || next === "paused");
    };

    const showFigures = (lane, count) => {
      const { finalTime, finalCount, finalRate, counted, rate } = lane.words;
      const since = elapsed - lane.first;
      const pace = ((count - lane.firstCount) / since) * 1e6;
      const now = [
        lane.hasBegun ? (lane.isThinking ? words.thinking : words.writing) : words.waiting,
        seconds(elapsed),
        lane.hasBegun ? filled(counted, write(count, 0)) : "",
        since > PACE_AFTER ? filled(rate, write(pace, 1)) : "",
      ];
      const texts = lane.hasEnded ? [words.finished, finalTime, finalCount, finalRate] : now;
      lane.figures.forEach((figure, i) => (figure.textContent = texts[i]));
    };

    // Brings a lane up to now; gives what there is to say of it, and when.
    const advance = (lane, isTime) => {
      if (lane.hasEnded) return [];
      const events = [];
      if (lane.steps) takeSteps(lane, elapsed);
      const count = countAt(lane, elapsed);
      if (!lane.hasBegun && elapsed >= lane.first) {
        lane.hasBegun = true;
        lane.firstCount = count;
        if (elapsed < lane.last) events.push([lane.first, lane.words.began]);
      }
      if (elapsed >= lane.last) {
        lane.hasEnded = true;
        if (lane.steps) showWhole(lane);
        events.push([lane.last, lane.words.ended]);
      }
      drawBlocks(lane, count, words.block);
      if (isTime || events.length) showFigures(lane, count);
      return events;
    };

    const draw = (nowMs) => {
      const isTime = nowMs - figuresMs >= FIGURES_MS || mode !== "running";
      if (isTime) figuresMs = nowMs;
      if (isTime) clock.textContent = seconds(Math.min(elapsed, end));
      const x = Math.min(100, (100 * elapsed) / end);
      root.querySelectorAll(".race-future").forEach((rest) => {
        rest.setAttribute("x", `${x}%`);
        rest.setAttribute("width", `${100 - x}%`);
      });
      const events = lanes.flatMap((lane) => advance(lane, isTime)).sort((a, b) => a[0] - b[0]);
      return events.map((event) => event[1]);
    };

    const frame = (nowMs) => {
      const passedMs = nowMs - seenMs;
      seenMs = nowMs;
      if (passedMs > 0 && passedMs < ASLEEP_MS) elapsed += passedMs * 1000 * speed.value;
      if (!isStill.matches || nowMs - drawnMs >= STILL_MS || elapsed >= end) {
        drawnMs = nowMs;
        const texts = draw(nowMs);
        if (elapsed >= end) {
          enter("done");
          texts.push(words.order);
        }
        if (texts.length) say(...texts);
      }
      if (mode === "running") request = requestAnimationFrame(frame);
    };

    const load = async () => {
      // From a folder no page may read files: asking would only log an error.
      if (location.protocol === "file:") throw new Error();
      const answer = await fetch(file);
      if (!answer.ok) throw new Error();
      const data = await answer.json();
      for (const item of data.lanes) lanes.find((lane) => lane.words.lane === item.id).steps = stepsOf(item);
      file = "";
    };

    const measure = () => lanes.forEach((lane) => (lane.width = lane.blocks?.parentElement.clientWidth));

    // Stops the clock; says whether there is something to show.
    const prepare = async () => {
      cancelAnimationFrame(request);
      if (mode === "loading") return false;
      if (file) {
        enter("loading");
        say(words.loading);
        try {
          await load();
          say();
        } catch {
          enter("ready");
          say(words.failed);
          return false;
        }
      }
      box.hidden = false;
      measure();
      return true;
    };

    const toStart = () => {
      elapsed = 0;
      lanes.forEach(reset);
    };

    go.onclick = async () => {
      cancelAnimationFrame(request);
      if (mode === "running") return enter("paused");
      if (!(await prepare())) return;
      if (mode === "done") toStart();
      enter("running");
      seenMs = performance.now();
      drawnMs = 0;
      request = requestAnimationFrame(frame);
    };

    skip.onclick = async () => {
      if (!(await prepare())) return;
      elapsed = end;
      enter("done");
      draw(performance.now());
      say(words.order);
    };

    restart.onclick = () => {
      cancelAnimationFrame(request);
      toStart();
      enter("paused");
      draw(performance.now());
      say();
    };

    addEventListener("resize", () => {
      measure();
      lanes.forEach((lane) => drawBlocks(lane, countAt(lane, elapsed), words.block));
    });

    toStart();
    enter("ready");
    controls.hidden = false;
  };

  for (const root of document.querySelectorAll("[data-race-root]")) setUp(root);
}
