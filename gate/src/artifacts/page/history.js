// Gives the history to ECharts. What is drawn is decided in Rust; this file decides only pixels.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const theme = () => ({
    text: css("--text"), faint: css("--faint"), line: css("--line"), back: css("--back"), curve: css("--curve"), wrong: css("--wrong"),
  });

  const draw = (drawn, chart, host) => {
    const colors = theme(), wide = host.clientWidth, by = drawn.unit.by;
    host.style.height = "240px";
    chart.resize();
    // All charts have one axis, of all sessions that are drawn. ECharts counts ticks from its end, which is a whole number.
    const first = data.first, last = data.sessions.length - 1;
    const every = Math.max(1, Math.ceil((last - first + 1) / Math.max(2, Math.floor(wide / 110))));
    const scale = value => value === null ? null : value / by;
    // A line ends where the machine changes.
    const runs = [[]];
    let machine = 0;
    for (const point of drawn.points) {
      while (machine < drawn.machines.length && drawn.machines[machine][0] < point[0]) {
        machine += 1;
        if (runs[runs.length - 1].length) runs.push([]);
      }
      runs[runs.length - 1].push(point);
    }
    const means = runs.flatMap((run, at) => [...(at ? [[run.length ? run[0][0] - 0.5 : null, null]] : []), ...run.map(([x, mean]) => [x, scale(mean)])]);
    const bands = runs.flatMap(run => run.filter(point => point[3] !== null).map((point, at, all) => [point, all[at + 1]]));
    const band = (params, api) => {
      const [from, to] = bands[params.dataIndex], next = to || from, half = to ? 0 : 4;
      const corner = ([x], value, shift) => { const [left, top] = api.coord([x, scale(value)]); return [left + shift, top]; };
      const points = [corner(from, from[4], -half), corner(next, next[4], half), corner(next, next[3], half), corner(from, from[3], -half)];
      return { type: "polygon", shape: { points }, style: { fill: colors.curve, opacity: 0.2 } };
    };
    const ends = drawn.points.flatMap(([, mean, , low, high]) => [mean, low, high]).filter(value => value !== null).map(scale);
    const least = Math.min(...ends, Infinity), most = Math.max(...ends, -Infinity);
    const room = most > least ? (most - least) * 0.1 : Math.abs(most) * 0.1 || 1;
    const [low, high] = ends.length ? [least - room, most + room] : [0, 1];
    const axis = more => ({
      axisLine: { show: true, onZero: false, lineStyle: { color: colors.line } }, axisTick: { lineStyle: { color: colors.line } },
      splitLine: { lineStyle: { color: colors.line, opacity: 0.6 } }, ...more,
    });
    const says = (list, at) => ({ trigger: "item", formatter: ({ dataIndex }) => tip(list[dataIndex][at]) });
    const bare = value => String(Number(value.toPrecision(6)));
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "system-ui, sans-serif" },
      tooltip: { confine: true, backgroundColor: colors.back, borderColor: colors.line, textStyle: { color: colors.text }, transitionDuration: 0 },
      grid: { left: 76, right: 24, top: 28, bottom: 56 },
      xAxis: axis({ type: "value", min: first - 1, max: last + 1, interval: every, splitLine: { show: false },
        axisLabel: { color: colors.faint, fontSize: 12, lineHeight: 16, hideOverlap: true, formatter: at => Number.isInteger(at) && data.sessions[at] ? data.sessions[at].replace(/ (?=\S*$)/, "\n") : "" } }),
      yAxis: axis({ type: "value", min: low, max: high, name: drawn.unit.name, nameTextStyle: { color: colors.faint, fontSize: 12 },
        axisLabel: { color: colors.faint, fontSize: 12, showMinLabel: false, showMaxLabel: false, formatter: bare } }),
      series: [
        { type: "custom", silent: true, data: bands.map(([[x]]) => [x, low]), encode: { x: 0, y: -1 }, renderItem: band, clip: true, progressive: 0, tooltip: { show: false } },
        { type: "line", data: means, connectNulls: false, showSymbol: false, silent: true, lineStyle: { color: colors.curve, width: 2 },
          markLine: { symbol: "none", silent: true, label: { show: wide > 560, formatter: "another machine", color: colors.faint, fontSize: 11 }, lineStyle: { color: colors.text, type: "dashed" }, data: drawn.machines.map(([at]) => ({ xAxis: at })) } },
        { type: "scatter", name: "sessions", data: drawn.points.map(([x, mean]) => [x, scale(mean)]), symbolSize: 8, itemStyle: { color: colors.curve, borderColor: colors.back }, tooltip: says(drawn.points, 5) },
        // A shape, and not only a colour. Without a mean it is drawn on the axis.
        { type: "scatter", name: "wrong", data: drawn.wrong.map(([x, mean]) => [x, mean === null ? low : scale(mean)]), symbol: "diamond", symbolSize: 16, clip: false, itemStyle: { color: colors.wrong, borderColor: colors.back }, tooltip: says(drawn.wrong, 2) },
      ],
    }, true);
  };

  const charts = data.charts.map(drawn => {
    const host = document.getElementById(drawn.id);
    host.style.height = "100px";
    const chart = echarts.init(host, null, { renderer: "canvas", devicePixelRatio: Math.max(devicePixelRatio, 1) });
    return () => draw(drawn, chart, host);
  });
  drawAlways(() => charts.forEach(draw => draw()));
})();
