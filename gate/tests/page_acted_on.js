// Does on the page what a person does, and says what came of it: points at a span, at the curve, and drags over the picture.
setTimeout(async () => {
  const hosts = [...document.querySelectorAll(".picture .chart")], charts = hosts.map(host => echarts.getInstanceByDom(host));
  const canvas = hosts[0].querySelector("canvas"), at = hosts[0].getBoundingClientRect();
  const fire = (type, x, y) => canvas.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, view: window, clientX: at.left + x, clientY: at.top + y, button: 0, buttons: 1 }));
  const a_while = () => new Promise(done => setTimeout(done, 500));
  const tips = () => [...document.querySelectorAll(".tip")].map(tip => tip.innerText.replace(/\n/g, "|")).join(" and ");
  const said = [];
  const bar = charts[0].getModel().getSeriesByName("spans")[0].getData().getItemGraphicEl(2).shape;
  fire("mousemove", bar.x + bar.width / 2, bar.y + 4);
  await a_while();
  said.push(`span: ${tips()}`);
  fire("mousemove", 250, 60);
  await a_while();
  said.push(`curve: ${tips()}`);
  const zoomed = () => charts.map(chart => chart.getOption().dataZoom[0]).map(({ start, end }) => `${Math.round(start)} to ${Math.round(end)}`).join(", ");
  fire("mousedown", 200, 100);
  for (let x = 200; x <= 350; x += 10) fire("mousemove", x, 100);
  fire("mouseup", 350, 100);
  await a_while();
  said.push(`dragged: ${zoomed()}`);
  document.getElementById("whole").click();
  await a_while();
  said.push(`whole: ${zoomed()}`);
  document.body.append(Object.assign(document.createElement("pre"), { id: "said", textContent: said.join("\n") }));
}, 500);
