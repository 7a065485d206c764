/** A card's film plays, without sound, while it is pointed at or has the focus. */

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function startVideos(root) {
  for (const video of root.querySelectorAll(".preview video")) {
    const link = video.closest(".preview");
    const play = () => calm.matches || video.play().catch((error) => console.info(error.message)); // it may have gone meanwhile
    const stop = () => video.pause();
    link.addEventListener("pointerenter", play);
    link.addEventListener("focus", play);
    link.addEventListener("pointerleave", stop);
    link.addEventListener("blur", stop);
  }
}
