"""Meshes drawn for tests."""

import numpy as np


def box(low, high):
    """Return a box's twelve triangles, seen from outside against the clock."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    p = np.array([[x, y, z] for z in (z0, z1) for y in (y0, y1) for x in (x0, x1)], dtype=np.float32)
    faces = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    return np.array([[p[a], p[b], p[c]] for f in faces for a, b, c in ((f[0], f[1], f[2]), (f[0], f[2], f[3]))])


def ball(radius, rings=40):
    """Return a ball of triangles between circles of latitude."""
    around, down = np.linspace(0, 2 * np.pi, 2 * rings, endpoint=False), np.linspace(0, np.pi, rings + 1)
    points = np.empty((rings + 1, 2 * rings, 3), np.float32)
    points[..., 0] = np.outer(np.sin(down), np.cos(around))
    points[..., 1] = np.outer(np.sin(down), np.sin(around))
    points[..., 2] = np.cos(down)[:, None]
    points[0], points[-1] = [0, 0, 1], [0, 0, -1]
    beside = np.roll(points, -1, axis=1)
    lower = np.stack([points[:-1], points[1:], beside[1:]], axis=2)[:-1]
    upper = np.stack([points[:-1], beside[1:], beside[:-1]], axis=2)[1:]
    return np.concatenate([lower.reshape(-1, 3, 3), upper.reshape(-1, 3, 3)]) * np.float32(radius)


def tube(outer, inner, height):
    """Return a square tube: a box with a square hole from top to bottom."""

    def ring(half, z):
        return np.array([[-half, -half, z], [half, -half, z], [half, half, z], [-half, half, z]], dtype=np.float32)

    a, b, c, d = ring(outer, 0), ring(outer, height), ring(inner, 0), ring(inner, height)
    quads = []
    for i in range(4):
        j = (i + 1) % 4
        quads += [
            (a[i], a[j], b[j], b[i]),
            (c[j], c[i], d[i], d[j]),
            (b[i], b[j], d[j], d[i]),
            (a[j], a[i], c[i], c[j]),
        ]
    return np.array([tri for q in quads for tri in ((q[0], q[1], q[2]), (q[0], q[2], q[3]))], dtype=np.float32)
