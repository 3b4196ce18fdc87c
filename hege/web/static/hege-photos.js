/* Garnish for a field of files: small pictures of what was chosen, several from the camera one after the other, how far
   they are sent, and a word instead of a lost form where the line breaks. Without it the field is a plain one. */
(() => {
  "use strict";

  /* One list behind both inputs: what the camera and the album gave, in order; kept in the album's input. */
  function gather(box) {
    const album = box.querySelector(".hg-album input"), camera = box.querySelector(".hg-camera input");
    const list = box.querySelector(".hg-thumbs"), chosen = [];
    box.classList.add("is-gathered");
    const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
    function keep() {
      const held = new DataTransfer();
      chosen.forEach((file) => held.items.add(file));
      album.files = held.files;
      camera.value = "";
      list.replaceChildren(...chosen.map(thumb));
      list.hidden = !chosen.length;
    }
    function thumb(file) {
      const item = document.createElement("li"), name = document.createElement("span");
      const button = document.createElement("button"), canvas = document.createElement("canvas");
      name.textContent = file.name;
      button.type = "button";
      button.className = "btn btn-plain btn-sm";
      button.textContent = box.dataset.remove;
      button.setAttribute("aria-label", box.dataset.remove + " " + file.name);
      button.addEventListener("click", () => { chosen.splice(chosen.indexOf(file), 1); keep(); });
      draw(file, canvas);
      item.append(canvas, name, button);
      return item;
    }
    for (const input of [camera, album]) {
      input.addEventListener("change", () => {
        for (const file of input.files) if (!chosen.some((one) => same(one, file))) chosen.push(file);
        keep();
      });
    }
  }

  /* A canvas, since the policy of our pages lets no picture in but the site's own. */
  function draw(file, canvas) {
    canvas.width = 224;
    canvas.height = 168;
    if (!window.createImageBitmap || !file.type.startsWith("image/")) return;
    createImageBitmap(file, { resizeWidth: 224 }).then((picture) => {
      canvas.height = Math.min(picture.height, 300);
      canvas.getContext("2d").drawImage(picture, 0, 0);
    }, () => {});
  }

  function send(form, box, event) {
    const said = box.querySelector(".hg-sending");
    const bar = said.querySelector("progress"), word = said.querySelector("span");
    const request = new XMLHttpRequest();
    event.preventDefault();
    said.hidden = false;
    said.classList.remove("is-red");
    bar.hidden = false;
    word.textContent = box.dataset.sending;
    request.upload.addEventListener("progress", (sent) => {
      bar.value = Math.round(sent.loaded / sent.total * 100);
      if (sent.loaded === sent.total) word.textContent = box.dataset.looking;
    });
    request.addEventListener("load", () => {
      if (request.responseURL !== location.href) history.pushState(null, "", request.responseURL);
      document.open();
      document.write(request.responseText);
      document.close();
    });
    request.addEventListener("error", () => {
      bar.hidden = true;
      word.textContent = box.dataset.broken;
      said.classList.add("is-red");
      delete form.dataset.sent;
    });
    const data = new FormData(form), by = event.submitter;
    if (by && by.name) data.append(by.name, by.value);
    request.open("POST", form.action);
    request.send(data);
  }

  document.querySelectorAll("[data-files]").forEach((box) => {
    try { new DataTransfer(); } catch { return; }
    gather(box);
    const form = box.closest("form"), inputs = [...box.querySelectorAll("input[type=file]")];
    form.addEventListener("submit", (event) => {
      if (!form.dataset.sent && inputs.some((input) => input.files.length)) send(form, box, event);
    });
  });
})();
