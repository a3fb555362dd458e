element.addEventListener("click", (event) => {
  const card = event.target.closest("[data-style]");
  if (card) {
    window.vitrineOpener = card;
    trigger("click", { id: card.dataset.style });
  }
  const words = event.target.closest("[data-try]");
  if (words) {
    const box = document.querySelector("#styles-text input, #styles-text textarea");
    box.value = words.dataset.try;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
