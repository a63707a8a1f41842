// Gives the data of the page to ECharts. What is drawn is decided in Rust; this file decides only pixels.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const KINDS = ["phase", "lane", "call", "poll", "wait", "future"];
  const [PHASE, , , POLL, WAIT] = [0, 1, 2, 3, 4];
  const COLORS = data.colors;
  // A span that is shorter than so many pixels is drawn this long, unless another one begins there.
  const SEEN = 1.5;

  const element = (tag, text, name) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (name) made.className = name;
    return made;
  };
  const patterns = new Map();
  const pattern = (color, ink, style) => {
    const key = `${color} ${ink} ${style}`;
    if (patterns.has(key)) return patterns.get(key);
    const image = element("canvas");
    image.width = image.height = 8;
    const draw = image.getContext("2d");
    draw.fillStyle = color;
    draw.fillRect(0, 0, 8, 8);
    draw.strokeStyle = draw.fillStyle = ink;
    draw.globalAlpha = 0.6;
    draw.beginPath();
    if (style === 1) [[-2, 2, 2, -2], [-2, 10, 10, -2], [6, 10, 10, 6]].forEach(([a, b, c, d]) => { draw.moveTo(a, b); draw.lineTo(c, d); });
    if (style === 2) draw.fillRect(2, 2, 2, 2);
    if (style === 3) { draw.moveTo(0, 4); draw.lineTo(8, 4); }
    draw.stroke();
    const made = { image, repeat: "repeat" };
    patterns.set(key, made);
    return made;
  };
  // The first eight names have a plain colour. The next ones have a pattern too.
  const fill = name => {
    const [color, ink] = COLORS[name % COLORS.length], style = Math.floor(name / COLORS.length) % 4;
    return style ? pattern(color, ink, style) : color;
  };
  const ink = name => COLORS[name % COLORS.length][1];

  const places = (value, least) => Math.max(0, Math.min(6, least - Math.floor(Math.log10(Math.max(Math.abs(value), 1e-9)))));
  const number = value => String(Number(value.toFixed(places(value, 2))));
  const time = ns => `${number(ns / data.unit.ns)} ${data.unit.name}`;
  // Ticks are round numbers. ECharts adds the ends of an axis, which are round by chance only: those are left out.
  const nice = length => {
    const power = 10 ** Math.floor(Math.log10(length)), part = length / power;
    return power * (part < 1.5 ? 1 : part < 2.5 ? 2 : part < 4 ? 3 : part < 7 ? 5 : 10);
  };
  // The number of parts of an axis, so that each is 1, 2 or 5 times a power of ten.
  const cut = (span, about) => [about, about - 1, about + 1, about - 2, about + 2].find(splits => !/^3/.test(nice(span / splits).toPrecision(3))) || about;
  const tick = (span, splits, show) => value => {
    const steps = value / nice(span() / splits);
    return Math.abs(steps - Math.round(steps)) < 1e-6 ? show(value) : "";
  };
  const bare = value => String(Number((value / data.unit.ns).toPrecision(9)));

  const theme = () => ({
    text: css("--text"), faint: css("--faint"), line: css("--line"), back: css("--back"), band: css("--band"), curve: css("--curve"),
    amounts: Array.from({ length: 9 }, (_, at) => css(`--a${at}`)),
  });
  const common = colors => ({
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    tooltip: { confine: true, backgroundColor: colors.back, borderColor: colors.line, textStyle: { color: colors.text }, transitionDuration: 0 },
  });
  const axis = (colors, more) => ({
    axisLabel: { color: colors.faint, fontSize: 12, ...(more.axisLabel || {}) },
    axisLine: { show: true, lineStyle: { color: colors.line } }, axisTick: { lineStyle: { color: colors.line } },
    splitLine: { lineStyle: { color: colors.line, opacity: 0.6 } },
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "axisLabel")),
  });

  // Pictures.
  const WIDTH = 8;
  const levelAt = (steps, at) => {
    let [low, high] = [0, steps.length];
    while (low < high) { const middle = (low + high) >> 1; if (steps[middle][0] <= at) low = middle + 1; else high = middle; }
    return low ? steps[low - 1] : [0, 0];
  };

  // A step of a long curve has a mean, a lowest and a highest level. Any other step has one level.
  const highest = step => step.length > 2 ? step[3] : step[1];
  const said = (step, what) => step.length > 2 && step[2] !== step[3] ? `${step[1].toFixed(1)} ${what} on average, ${step[2]} to ${step[3]}` : `${Math.round(step[1])} ${what}`;

  const drawPicture = (picture, chart, host, paper) => {
    const colors = theme(), wide = host.clientWidth, left = wide < 560 ? 84 : 132, right = picture.futures.length ? 48 : 16;
    const splits = cut(data.end, wide < 560 ? 4 : 6), rows = picture.labels.length, height = rows > 24 ? 14 : 20, curve = { top: 24, height: 120 }, top = curve.top + curve.height + 16;
    const slider = paper ? 0 : 24;
    host.style.height = `${top + rows * height + 38 + slider}px`;
    chart.resize();
    let shown = [0, data.end];
    const visible = () => {
      const zoom = chart.getOption() && chart.getOption().dataZoom && chart.getOption().dataZoom[0];
      if (zoom && zoom.startValue !== undefined) shown = [zoom.startValue, zoom.endValue];
      return Math.max(shown[1] - shown[0], 1);
    };
    // The beginning and the row of each span: all that the library needs.
    const all = Array.from({ length: picture.spans.length / WIDTH }, (_, at) => [picture.spans[at * WIDTH], picture.spans[at * WIDTH + 3]]);
    // One scale for all pictures: one of one must not look as full as four of four.
    const most = Math.max(2, ...data.pictures.map(other => Math.max(other.pool || 0, ...other.curve.map(highest))));
    const mostFutures = Math.max(1, ...data.pictures.flatMap(other => other.futures.map(highest)));
    const isKnown = at => at <= picture.end && !picture.missing.some(part => part.is_unknown && at >= part.from);
    const hatch = pattern(colors.band, colors.faint, 1);
    const isRoomy = part => (part.to - part.from) / data.end * (wide - left - right) > 110;
    const missing = unknown => picture.missing.filter(part => !unknown || part.is_unknown).map(part => [
      { name: part.why, xAxis: part.from, itemStyle: { color: hatch, opacity: 0.7 }, label: { show: isRoomy(part), color: colors.text, position: "inside", fontSize: 12 } },
      { xAxis: Math.max(part.to, part.from) },
    ]);
    const side = picture.end > data.end * 0.7 ? "right" : "left";
    const ends = picture.end < data.end * 0.97 ? [{ xAxis: picture.end, name: "ends", lineStyle: { color: colors.faint, type: "solid" },
      label: { formatter: `ends ${time(picture.end)}`, color: colors.text, position: "end", align: side, offset: [side === "left" ? 5 : -5, 46], fontSize: 12 } }] : [];
    const ceiling = picture.pool ? [{ yAxis: picture.pool, name: "pool", lineStyle: { color: colors.text, type: "dashed", width: 1.5 }, label: { formatter: `pool of ${picture.pool}`, color: colors.text, position: "insideEndTop", fontSize: 12 } }] : [];
    const bands = picture.groups.map((from, at) => [from, at + 1 < picture.groups.length ? picture.groups[at + 1] : rows]).filter((_, at) => at % 2 === 1);
    const xAxis = (grid, label) => axis(colors, {
      type: "value", gridIndex: grid, min: 0, max: data.end, splitNumber: splits,
      axisLabel: { show: label, formatter: tick(visible, splits, bare), hideOverlap: true },
      axisTick: { show: label },
      name: label ? data.unit.name : "", nameLocation: "middle", nameGap: 22, nameTextStyle: { color: colors.faint, fontSize: 12 },
    });
    const known = Math.min(picture.end, ...picture.missing.filter(part => part.is_unknown).map(part => part.from));
    const steps = (list, level = step => step[1]) => list.map(step => [step[0], level(step)]).concat(list.length ? [[Math.max(known, list[list.length - 1][0]), level(list[list.length - 1])]] : []);
    // The scale is computed once for each drawing, and not for each span.
    const place = (params, api) => {
      const { context, coordSys } = params;
      if (context.at === undefined) {
        const [[from, first], [to, second]] = [api.coord([0, 0]), api.coord([data.end, Math.min(1, rows - 1)])];
        Object.assign(context, { at: from, per: (to - from) / data.end, first, step: second - first, left: coordSys.x, right: coordSys.x + coordSys.width });
      }
      return context;
    };
    const high = Math.max(height - 4, 6);
    const renderItem = (params, api) => {
      const { at, per, first, step, left, right } = place(params, api), from = params.dataIndex * WIDTH;
      const [start, end, room, row, name, kind] = picture.spans.slice(from, from + 6);
      const x = at + start * per;
      let to = at + end * per;
      // A span that is too short to be seen is drawn longer, but never past the beginning of the next one.
      if (to - x < SEEN) to = Math.max(to, Math.min(x + SEEN, at + room * per));
      if (to < left || x > right) return undefined;
      const [begin, width] = [Math.max(x, left), Math.min(to, right) - Math.max(x, left)];
      const shape = { x: begin, y: first + row * step - high / 2, width, height: high };
      const style = kind === WAIT ? { fill: pattern(colors.band, colors.text, 1), stroke: colors.faint, lineWidth: shape.width > 4 ? 1 : 0 }
        : { fill: fill(name), opacity: kind === POLL ? 0.75 : 1 };
      const made = { type: "rect", shape, style, emphasisDisabled: true };
      if (shape.width < 34 || height < 16) return made;
      const text = kind === WAIT ? `waits: ${data.names[name]}` : data.names[name];
      made.textContent = { style: { text, fill: kind === WAIT ? colors.text : ink(name), fontSize: 12, width: shape.width - 6, overflow: "truncate", ellipsis: "…" } };
      made.textConfig = { position: "insideLeft", distance: 3 };
      return made;
    };
    chart.setOption({
      ...common(colors),
      // On the curve: the level at that time. On the rows: the span under the pointer.
      tooltip: { ...common(colors).tooltip, trigger: "axis", formatter: list => {
        const at = list[0].axisValue;
        if (!isKnown(at)) return tip([time(at), "not known"]);
        return tip([time(at), said(levelAt(picture.curve, at), "threads at once"), picture.futures.length && said(levelAt(picture.futures, at), "futures in flight")]);
      } },
      grid: [
        { left, right, ...curve },
        { left, right, top, height: rows * height, tooltip: { trigger: "item" } },
      ],
      xAxis: [xAxis(0, false), xAxis(1, true)],
      yAxis: [
        axis(colors, { type: "value", gridIndex: 0, min: 0, max: most * 1.2, minInterval: 1, splitNumber: 4, axisLabel: { formatter: level => Number.isInteger(level) ? level : "" }, name: "threads at once", nameTextStyle: { color: colors.faint, align: "left", fontSize: 12 }, nameGap: 10 }),
        axis(colors, {
          type: "category", gridIndex: 1, inverse: true, data: picture.labels.map((label, at) => ({ value: label || " ".repeat(at + 1) })),
          axisLabel: { interval: 0, width: left - 12, overflow: "truncate", ellipsis: "…", formatter: label => label.trim() }, axisTick: { show: false }, splitLine: { show: false },
        }),
        ...(picture.futures.length ? [axis(colors, { type: "value", gridIndex: 0, position: "right", min: 0, max: mostFutures * 1.2, minInterval: 1, splitNumber: 2, axisLabel: { formatter: level => Number.isInteger(level) ? level : "" }, name: "futures", splitLine: { show: false }, nameTextStyle: { color: colors.faint, align: "right", fontSize: 12 }, nameGap: 10 })] : []),
      ],
      dataZoom: [
        { type: "inside", xAxisIndex: [0, 1], filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseMove: false, moveOnMouseWheel: "shift", preventDefaultMouseMove: false },
        ...(paper ? [] : [{ type: "slider", xAxisIndex: [0, 1], filterMode: "none", showDetail: false, showDataShadow: false, brushSelect: false, bottom: 2, height: 18, left, right, borderColor: colors.line, fillerColor: `${colors.curve}33`, handleStyle: { color: colors.curve } }]),
      ],
      toolbox: { itemSize: 0, showTitle: false, feature: { dataZoom: { xAxisIndex: [0, 1], yAxisIndex: false, filterMode: "none" } } },
      series: [
        { type: "line", name: "threads", step: "end", xAxisIndex: 0, yAxisIndex: 0, data: steps(picture.curve), symbol: "none", lineStyle: { color: colors.curve, width: picture.curve.length > 200 ? 0.75 : 1.5 }, areaStyle: { color: colors.curve, opacity: 0.25 },
          markLine: { symbol: "none", silent: true, data: [...ceiling, ...ends] }, markArea: { silent: true, data: missing(true) } },
        ...(picture.curve.some(step => step.length > 2) ? [{ type: "line", name: "highest", step: "end", xAxisIndex: 0, yAxisIndex: 0, data: steps(picture.curve, highest), symbol: "none", silent: true, lineStyle: { color: colors.curve, width: 0.75, opacity: 0.5 } }] : []),
        ...(picture.futures.length ? [{ type: "line", name: "futures", step: "end", xAxisIndex: 0, yAxisIndex: 2, data: steps(picture.futures), symbol: "none", lineStyle: { color: "#d55e00", width: 1.5, type: "dotted" }, itemStyle: { color: "#d55e00" } }] : []),
        { type: "custom", name: "bands", xAxisIndex: 1, yAxisIndex: 1, silent: true, z: 0, data: bands, encode: { x: -1, y: -1 }, tooltip: { show: false },
          renderItem: (params, api) => {
            const { x, width } = params.coordSys, [from, to] = [api.value(0), api.value(1)];
            return { type: "rect", shape: { x, width, y: api.coord([0, from])[1] - height / 2, height: (to - from) * height }, style: { fill: colors.band } };
          } },
        { type: "custom", name: "spans", xAxisIndex: 1, yAxisIndex: 1, data: all, encode: { x: 0, y: 1 }, emphasis: { disabled: true }, renderItem, clip: true, progressive: 0,
          markLine: { symbol: "none", silent: true, label: { show: false }, data: ends.map(line => ({ ...line, label: { show: false } })) },
          markArea: { silent: true, data: missing(false) },
          tooltip: { trigger: "item", formatter: ({ dataIndex }) => {
            const [start, end, , , name, kind, batch, thread] = picture.spans.slice(dataIndex * WIDTH, (dataIndex + 1) * WIDTH);
            return tip([`${KINDS[kind]} ${data.names[name]}`,
            kind !== PHASE && data.batches[batch] && `batch ${data.batches[batch]}`,
            KINDS[kind] === "future" ? `first polled on ${picture.threads[thread]}` : picture.threads[thread], `from ${time(start)}`, `took ${time(end - start)}`]);
          } } },
      ],
    }, true);
    const isCoarse = matchMedia("(pointer: coarse)").matches;
    if (!paper && !isCoarse) chart.dispatchAction({ type: "takeGlobalCursor", key: "dataZoomSelect", dataZoomSelectActive: true });
  };

  // Rows of bars and points.
  const drawChart = (drawn, chart, host) => {
    const colors = theme(), wide = host.clientWidth, left = Math.min(wide * 0.38, 260), height = 28, splits = cut(drawn.end, wide < 560 ? 3 : 6);
    host.style.height = `${drawn.rows.length * height + 50}px`;
    chart.resize();
    const show = { time: bare, share: value => `${Math.round(value * 100)} %`, count: String, ratio: value => String(Number(value.toFixed(6))) }[drawn.axis];
    const name = { time: data.unit.name, share: "", count: "", ratio: "times as long" }[drawn.axis];
    const color = part => drawn.is_amount ? colors.amounts[part] : fill(part);
    const bar = (params, api) => {
      const [, from, to, part, text] = drawn.parts[params.dataIndex], row = api.value(0);
      const [x, y] = api.coord([from, row]), end = api.coord([to, row])[0];
      const made = { type: "rect", shape: { x, y: y - 9, width: end - x, height: 18 }, style: { fill: color(part), stroke: colors.line, lineWidth: end - x > 3 ? 0.5 : 0 } };
      if (end - x < 16) return made;
      made.textContent = { style: { text, fill: drawn.is_amount ? (part > 4 ? colors.back : colors.text) : ink(part), fontSize: 12, width: end - x - 6, overflow: "truncate", ellipsis: "…" } };
      made.textConfig = { position: "insideLeft", distance: 3 };
      return made;
    };
    const upright = (list, style) => (params, api) => {
      const [row, at] = list[params.dataIndex], [x, y] = api.coord([at, row]);
      return { type: "line", shape: { x1: x, x2: x, y1: y - 12, y2: y + 12 }, style };
    };
    const interval = (params, api) => {
      const [row, low, , high] = drawn.intervals[params.dataIndex];
      const [x, y] = api.coord([low, row]), end = api.coord([high, row])[0];
      return { type: "rect", shape: { x, y: y - 5, width: Math.max(end - x, 2), height: 10 }, style: { fill: colors.curve, opacity: 0.35, stroke: colors.curve } };
    };
    const says = (list, at) => ({ formatter: ({ dataIndex }) => tip([list[dataIndex][at]]) });
    const custom = (list, renderItem, tooltip) => ({ type: "custom", data: list.map(([row, at]) => [row, at]), encode: { x: 1, y: 0 }, renderItem, tooltip, progressive: 0 });
    chart.setOption({
      ...common(colors),
      grid: { left, right: 20, top: 6, height: drawn.rows.length * height },
      xAxis: axis(colors, { type: "value", min: 0, max: drawn.end, splitNumber: splits, interval: drawn.axis === "count" ? Math.max(1, nice(drawn.end / splits)) : undefined, axisLabel: { formatter: tick(() => Math.max(drawn.end, drawn.axis === "count" ? splits : 0), splits, show), hideOverlap: true }, name, nameLocation: "middle", nameGap: 24, nameTextStyle: { color: colors.faint, fontSize: 12 } }),
      // Two rows may have the same name, so rows are known by their numbers.
      yAxis: axis(colors, { type: "category", inverse: true, data: drawn.rows.map((_, at) => at), axisLabel: { interval: 0, width: left - 14, overflow: "truncate", ellipsis: "…", formatter: at => drawn.rows[at] }, axisTick: { show: false } }),
      series: [
        custom(drawn.parts, bar, says(drawn.parts, 5)),
        custom(drawn.intervals, interval, { formatter: ({ dataIndex }) => { const [, low, mean, high] = drawn.intervals[dataIndex]; return tip([`mean ${mean.toFixed(3)}`, `95 % interval from ${low.toFixed(3)} to ${high.toFixed(3)}`]); } }),
        custom(drawn.bounds, upright(drawn.bounds, drawn.axis === "time" ? { stroke: colors.text, lineWidth: 2 } : { stroke: colors.text, lineWidth: 2, lineDash: [4, 3] }), says(drawn.bounds, 2)),
        { type: "scatter", data: drawn.points.map(([row, at]) => [at, row]), symbolSize: 9, itemStyle: { color: colors.curve, opacity: 0.75, borderColor: colors.back },
          tooltip: says(drawn.points, 2),
          markLine: drawn.axis === "ratio" ? { symbol: "none", silent: true, label: { show: false }, lineStyle: { color: colors.faint, type: "solid" }, data: [{ xAxis: 1 }] } : undefined },
      ],
    }, true);
  };

  const drawKey = () => {
    const key = document.getElementById("key");
    if (!key) return;
    const entry = (paint, text) => {
      const item = element("li"), swatch = element("canvas"), draw = swatch.getContext("2d");
      [swatch.width, swatch.height] = [32, 16];
      draw.fillStyle = paint.image ? draw.createPattern(paint.image, "repeat") : paint;
      draw.fillRect(0, 0, 32, 16);
      item.append(swatch, element("span", text));
      return item;
    };
    const used = [...new Set(data.pictures.flatMap(picture => picture.spans.filter((_, at) => at % WIDTH === 4)))].sort((a, b) => a - b);
    const isHeld = data.pictures.some(picture => picture.spans.some((kind, at) => at % WIDTH === 5 && kind === WAIT));
    key.replaceChildren(...used.slice(0, 32).map(name => entry(fill(name), data.names[name])));
    if (isHeld) key.append(entry(pattern(css("--band"), css("--text"), 1), "waits in a hold"));
    if (used.length > 32) key.append(element("li", `and ${used.length - 32} more`));
  };

  const hosts = [
    ...data.pictures.map(picture => [picture, document.getElementById(picture.id), drawPicture]),
    ...data.charts.map(chart => [chart, document.getElementById(chart.id), drawChart]),
  ];
  const charts = hosts.map(([drawn, host, draw]) => {
    host.style.height = "100px";
    const chart = echarts.init(host, null, { renderer: "canvas", devicePixelRatio: Math.max(devicePixelRatio, data.pictures.length > 6 ? 1 : 2) });
    return { chart, host, isPicture: draw === drawPicture, draw: paper => draw(drawn, chart, host, paper) };
  });
  drawAlways(paper => {
    drawKey();
    charts.forEach(({ draw }) => draw(paper));
  });

  // All pictures keep one scale: a zoom of one is a zoom of all.
  let isFollowing = false;
  const zoomAll = (range, except) => {
    isFollowing = true;
    charts.forEach(({ chart, isPicture }) => isPicture && chart !== except && chart.dispatchAction({ type: "dataZoom", dataZoomIndex: 0, ...range }));
    isFollowing = false;
  };
  charts.forEach(({ chart, isPicture }) => isPicture && chart.on("datazoom", () => {
    if (isFollowing) return;
    const { start, end } = chart.getOption().dataZoom[0];
    zoomAll({ start, end }, chart);
  }));
  const whole = document.getElementById("whole");
  if (whole) whole.addEventListener("click", () => zoomAll({ start: 0, end: 100 }));
})();
