const PRESETS = ["#F4EFE6", "#E0C9A6", "#C9A24B", "#D9543F", "#F2A7B5", "#8E6BB0", "#3E63A8", "#8CC4D6", "#4F7F52", "#6B4A33", "#8A8A88", "#1C1B1A"];
const said = props.said[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];
const chosen = () => (Array.isArray(props.value) ? props.value : []);
const draw = () => {
  const box = element.querySelector(".s-colours");
  const picked = chosen();
  const full = picked.length >= props.most;
  const presets = PRESETS.map((hex) => {
    const on = picked.includes(hex);
    return `<button type="button" class="s-dot" data-preset="${hex}" aria-pressed="${on}" ${full && !on ? "disabled" : ""}
      aria-label="${said.pick} ${hex}" title="${hex}" style="background:${hex}"></button>`;
  }).join("");
  const others = picked.map((hex, at) => PRESETS.includes(hex) ? "" :
    `<span class="s-picked"><input type="color" value="${hex}" data-at="${at}" aria-label="${said.pick} ${hex}">` +
    `<button type="button" data-drop="${at}" aria-label="${said.remove} ${hex}">×</button></span>`).join("");
  const add = full ? "" : `<label class="s-add" title="${said.add}"><input type="color" value="#C08060" data-new aria-label="${said.add}"></label>`;
  box.innerHTML = presets + others + add;
};
const set = (colours) => {
  props.value = colours;
  requestAnimationFrame(draw);
  trigger("input");
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const picked = chosen();
  if (button.dataset.preset) {
    const hex = button.dataset.preset;
    set(picked.includes(hex) ? picked.filter((each) => each !== hex) : [...picked, hex]);
  } else if (button.dataset.drop) set(picked.filter((_, at) => at !== Number(button.dataset.drop)));
});
element.addEventListener("change", (event) => {
  const input = event.target;
  if (input.type !== "color") return;
  const hex = input.value.toUpperCase();
  if ("new" in input.dataset) set([...chosen(), hex]);
  else set(chosen().map((each, at) => (at === Number(input.dataset.at) ? hex : each)));
});
watch("value", draw);
draw();
