/** Runs in the page: what a reader meets there. Contrast as WCAG 2 reckons it. The value of this file is its last expression. */
;(() => {
  const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  })

  function rgba(color) {
    pen.clearRect(0, 0, 1, 1)
    pen.fillStyle = color
    pen.fillRect(0, 0, 1, 1)
    return [...pen.getImageData(0, 0, 1, 1).data]
  }
  function luminance(color) {
    const [r, g, b] = rgba(color).map((part) => {
      const share = part / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  function behind(element) {
    if (element === null) return matchMedia('(prefers-color-scheme: dark)').matches ? 'black' : 'white'
    const { backgroundColor } = getComputedStyle(element)
    return rgba(backgroundColor)[3] > 250 ? backgroundColor : behind(element.parentElement)
  }
  function contrast(element) {
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))]
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
  }
  const all = (selector) => [...document.querySelectorAll(selector)]
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
  const hasName = (element) => element.labels?.length > 0 || element.ariaLabel || element.textContent.trim()

  return {
    language: document.documentElement.lang,
    width: document.documentElement.scrollWidth,
    headings: all('h1, h2, h3').map(({ tagName }) => tagName),
    nameless: all('input:not([type=hidden]), button, a, table, nav, th')
      .filter((element) => !hasName(element))
      .map(({ outerHTML }) => outerHTML),
    texts: all('body *')
      .filter((element) => hasText(element) && element.checkVisibility({ visibilityProperty: true }))
      .map((element) => ({ text: element.textContent.trim().slice(0, 40), contrast: contrast(element) })),
  }
})()
