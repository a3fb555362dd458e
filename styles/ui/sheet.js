const close = () => {
  props.value = "";
  trigger("clear");
  window.vitrineOpener?.focus({ preventScroll: true });
};
const say = (button) => {
  const said = element.querySelector(".s-said");
  said.textContent = said.dataset.copied + (button.dataset.copy.length < 10 ? ` ${button.dataset.copy}` : "");
  said.classList.add("s-now");
  clearTimeout(window.vitrineSaid);
  window.vitrineSaid = setTimeout(() => said.classList.remove("s-now"), 1600);
};
const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
};
element.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("close" in button.dataset) close();
  else if (button.dataset.copy) {
    await copy(button.dataset.copy);
    say(button);
  } else if ("show" in button.dataset) {
    const picture = button.querySelector("img");
    element.querySelector(".s-pictures figure img").src = picture.src;
    element.querySelector(".s-pictures figcaption").textContent = picture.alt;
    element.querySelectorAll("[data-show]").forEach((each) => each.setAttribute("aria-pressed", each === button));
  } else if (button.dataset.style) trigger("click", { id: button.dataset.style });
});
const overlay = () => document.querySelector("#style-detail");
document.addEventListener("keydown", (event) => {
  if (!element.querySelector(".s-sheet")) return;
  if (event.key === "Escape") close();
  if (event.key !== "Tab") return;
  const stops = [...overlay().querySelectorAll("button, a[href], input, textarea")].filter((each) => each.offsetParent);
  const last = stops[stops.length - 1];
  if (event.shiftKey && !stops.includes(document.activeElement)) last.focus(), event.preventDefault();
  else if (event.shiftKey && document.activeElement === stops[0]) last.focus(), event.preventDefault();
  else if (!event.shiftKey && document.activeElement === last) stops[0].focus(), event.preventDefault();
});
overlay()?.addEventListener("click", (event) => {
  if (event.target === overlay()) close();
});
watch("value", () => {
  const heading = element.querySelector(".s-sheet h2");
  if (!heading) return;
  overlay().scrollTop = 0;
  heading.focus({ preventScroll: true });
});
