"""The parameters of the calls that draw pictures and work on models."""

from __future__ import annotations

from taskferry_tripo.sandbox.rules import Rules, flag, number, one_of, text, texts, whole

_FORMATS = ("GLTF", "FBX", "OBJ", "STL", "USDZ", "3MF")
PICTURE: Rules = {
    "model": one_of(
        "seedream_v4",
        "seedream_v5",
        "banana",
        "banana_pro",
        "banana2",
        "chat_image_1.5",
        "chat_image_2",
        "chat_image_2.5_flare",
        "chat_image_2.5_sunburst",
    ),
    "output_format": one_of("png", "jpeg"),
    "negative_prompt": text(1800),
    "aspect_ratio": text(10),
    "size": text(20),
    "template": text(100),
    "watermark": flag(),
    "t_pose": flag(),
    "sketch_to_render": flag(),
}
CONVERSION: Rules = {
    "format": one_of(*_FORMATS, *map(str.lower, _FORMATS)),
    "quad": flag(),
    "force_symmetry": flag(),
    "face_limit": whole(1),
    "flatten_bottom": flag(),
    "flatten_bottom_threshold": number(),
    "texture_size": whole(1),
    "texture_format": one_of("BMP", "DPX", "HDR", "JPEG", "OPEN_EXR", "PNG", "TARGA", "TIFF", "WEBP"),
    "scale_factor": number(),
    "pivot_to_center_bottom": flag(),
    "with_animation": flag(),
    "pack_uv": flag(),
    "bake": flag(),
    "export_vertex_colors": flag(),
    "fbx_preset": one_of("blender", "mixamo", "3dsmax"),
    "export_orientation": one_of("+x", "-x", "+y", "-y"),
    "animate_in_place": flag(),
}
RIG: Rules = {
    "model": one_of("v1.0-20240301", "v2.5-20260210", "v3.0-20260909"),
    "rig_type": one_of("biped", "quadruped", "hexapod", "octopod", "avian", "serpentine", "aquatic", "others"),
    "spec": one_of("tripo", "mixamo", "actorcore", "unity", "unreal", "vrm"),
    "out_format": one_of("glb", "fbx"),
}
RETARGET: Rules = {
    "animation": text(100, 1),
    "animations": texts(5),
    "out_format": one_of("glb", "fbx"),
    "export_with_geometry": flag(),
    "animate_in_place": flag(),
}
SEGMENT: Rules = {
    "model": one_of("v1.0-20250506", "v2.0-20260430"),
    "segmentation_granularity": one_of("simple", "balanced", "detailed"),
    "split_by_connectivity": flag(),
}
COMPLETE: Rules = {"model": one_of("v1.0-20250506"), "completion_mode": one_of("ai_completion", "quick_cap")}
DECIMATE: Rules = {
    "model": one_of("v1.0", "v2.0", "v3.0"),
    "face_limit": whole(500, 20_000),
    "quad": flag(),
    "bake": flag(),
    "smart_uv": flag(),
}
SMART_SEGMENT: Rules = {
    "seg_type": one_of("image", "model"),
    "granularity": one_of("coarse", "medium", "fine"),
    "hint": text(1024),
}
TEXTURE: Rules = {
    "model": one_of("v2.5-20250123", "v3.0-20250812", "v3.5-20260815"),
    "texture": flag(),
    "pbr": flag(),
    "texture_seed": whole(),
    "model_seed": whole(),
    "texture_quality": one_of("standard", "detailed", "extreme", "fast"),
    "texture_alignment": one_of("original_image", "geometry"),
    "compress": one_of("geometry"),
    "bake": flag(),
    "delight": flag(),
    "return_multiview": flag(),
}
