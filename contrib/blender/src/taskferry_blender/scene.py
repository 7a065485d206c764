"""Builds a scene with Blender's own library; a script for a child process, whose Python need not know taskferry.

Blender's library belongs to one thread and takes over signal handlers, so it is never loaded into a server.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FAR = 3.0
"""Distance of the camera from the middle of the model, in radii of the sphere around it."""


def main(order: dict[str, Any]) -> None:
    """Import a model into an empty scene, save it, and draw a small picture if one is wanted.

    The order's `model`, `scene`, `preview` (or None) and `report` are paths; `pixels` and `samples` are of the picture.
    """
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=order["model"])
    bpy.context.view_layer.update()
    meshes = [thing for thing in bpy.context.scene.objects if thing.type == "MESH"]
    report = {"version": bpy.app.version_string, "objects": [_described(thing) for thing in meshes]}
    if meshes and order["preview"]:
        _light_and_camera(bpy, meshes)
        _draw(bpy, order)
    bpy.ops.wm.save_as_mainfile(filepath=order["scene"], compress=True, check_existing=False)
    Path(order["report"]).write_text(json.dumps(report), "utf-8")


def _described(thing: Any) -> dict[str, Any]:
    return {
        "name": thing.name,
        "dimensions": dict(zip("xyz", map(float, thing.dimensions), strict=True)),
        "faces": len(thing.data.polygons),
    }


def _light_and_camera(bpy: Any, meshes: list[Any]) -> None:
    """Look at everything from the front, a little from above and from the side, under a sun from behind the camera."""
    from mathutils import Vector

    corners = [thing.matrix_world @ Vector(corner) for thing in meshes for corner in thing.bound_box]
    middle = sum(corners, Vector()) / len(corners)
    radius = max(max((corner - middle).length for corner in corners), 1e-6)
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location = middle + Vector((0.6, -1.0, 0.5)).normalized() * radius * FAR
    camera.rotation_euler = (middle - camera.location).to_track_quat("-Z", "Y").to_euler()
    camera.data.clip_start, camera.data.clip_end = radius / 100, radius * 100
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy, sun.rotation_euler = 3.0, (0.8, 0.2, 0.9)
    scene.world = bpy.data.worlds.new("World")
    scene.world.color = (0.25, 0.25, 0.25)
    for thing in (camera, sun):
        scene.collection.objects.link(thing)
    scene.camera = camera


def _draw(bpy: Any, order: dict[str, Any]) -> None:
    """Draw with Cycles on the processor, the one renderer that needs neither a screen nor a graphics card."""
    render = bpy.context.scene.render
    render.engine = "CYCLES"
    render.resolution_x = render.resolution_y = order["pixels"]
    render.image_settings.file_format = "PNG"
    render.film_transparent = True
    cycles = bpy.context.scene.cycles
    cycles.device, cycles.samples, cycles.use_denoising = "CPU", order["samples"], False
    render.filepath = order["preview"]
    bpy.ops.render.render(write_still=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
