element.addEventListener("click", (event) => {
  const card = event.target.closest("[data-candidate]");
  if (card) trigger("click", { candidate: card.dataset.candidate });
});
