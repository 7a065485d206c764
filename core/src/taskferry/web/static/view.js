/** Calls `shown(element)` once, when it comes into view. */
export function whenSeen(elements, shown) {
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        shown(target);
      }
    },
    { rootMargin: "120px" },
  );
  for (const one of elements) watch.observe(one);
}
