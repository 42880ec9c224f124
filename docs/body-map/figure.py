"""The figure that body_map.svg shows: outline, borders and landmarks of one half, front, back and sole.

Coordinates: u = distance from the midline, y downwards; 1000 units are the standing height of 1.75 m (vertex to the
floor under the heel). The other half is the mirror image.
"""

from __future__ import annotations

# fmt: off
import numpy as np
from pen import Array, path, spline

# --- hand, in its own frame: a along the hand from the wrist, b towards the thumb ---------------------------------
WRIST = np.array([200.5, 514.0])
ANGLE = np.radians(16.0)
AXIS = np.array([np.sin(ANGLE), np.cos(ANGLE)])
THUMBWARDS = np.array([np.cos(ANGLE), -np.sin(ANGLE)])


def hand(a: float, b: float) -> tuple[float, float]:
    """Return the (u, y) of a point in the hand's frame."""
    x, y = WRIST + a * AXIS + b * THUMBWARDS
    return float(x), float(y)


FINGERS = {  # base centre a, b; angle towards the thumb in degrees; length; half-widths at base and near the tip
    "index": (60.0, 16.6, 7.0, 44.0, 5.7, 4.5),
    "middle": (62.5, 5.3, 2.0, 49.0, 5.8, 4.6),
    "ring": (61.0, -6.2, -3.0, 45.5, 5.6, 4.4),
    "little": (55.0, -16.9, -9.0, 36.0, 5.1, 3.9),
}
WEBS = {"index_middle": hand(61.5, 11.0), "middle_ring": hand(62.0, -0.4), "ring_little": hand(57.5, -11.9)}


def finger(name: str) -> list[tuple[float, float]]:
    """Return the points round a finger, thumb side first, without the webs."""
    a, b, degrees, length, wide, narrow = FINGERS[name]
    angle = np.radians(degrees)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    base = np.array([a, b])

    def at(f: float, w: float) -> tuple[float, float]:
        p = base + f * length * along + w * across
        return hand(float(p[0]), float(p[1]))

    knuckle = 0.97 * (wide + narrow) / 2
    tip = [(0.93, 0.78), (0.985, 0.40), (1.0, 0.0), (0.985, -0.40), (0.93, -0.78)]
    return [at(0.20, wide * 0.97), at(0.48, knuckle), at(0.76, narrow * 1.05),
            *[at(f, narrow * w) for f, w in tip],
            at(0.76, -narrow * 1.05), at(0.48, -knuckle), at(0.20, -wide * 0.97)]


THUMB = [hand(0, 15.4), hand(10, 16.0), hand(20, 20.4), hand(30, 26.4), hand(40, 31.6), hand(50, 35.4), hand(60, 38.4),
         hand(67.5, 39.8), hand(71.0, 37.4), hand(70.2, 32.8), hand(62.5, 28.4), hand(54, 26.2), hand(47.5, 23.6)]
THUMB_WEB = hand(44.0, 21.2)
INDEX_SIDE = [THUMB_WEB, hand(48, 21.2), hand(55, 21.9), *finger("index"), WEBS["index_middle"]]
LITTLE_SIDE = [WEBS["ring_little"], *finger("little"), hand(54, -22.0), hand(44, -23.4), hand(32, -23.4),
               hand(20, -21.4), hand(9, -17.6), hand(-1, -15.6)]

# --- silhouette, shared by front and back down to the ankles -----------------------------------------------------
AXILLA = (97.0, 266.0)
JAW = (38.2, 111.5)
CROTCH = (0.0, 531.0)
EAR_TOP = (45.2, 57.5)
CRANIUM = spline([(0, 0), (17.5, 3.0), (33, 13.5), (42.4, 32), EAR_TOP], start=(1, 0), end=(0.0, 1))
EAR = spline([EAR_TOP, (48.4, 55.6), (51.2, 60.5), (50.9, 72), (48.4, 83), (46.4, 89.5), (43.6, 90.0)],
             start=(1.0, -0.55))
JAWLINE = spline([(43.6, 90.0), (42.2, 101), JAW])
NECK = [JAW, (34.6, 121), (32.6, 134), (33.6, 147), (40.5, 157.5), (56, 166.5), (78, 173.5), (98, 179.5),
    (116, 188.5),
        (128.5, 203), (135.0, 222), (138.8, 243), (141.8, 266), (147.4, 292), (154.0, 318), (160.0, 344),
            (165.5, 366),
        (173.5, 387), (183.2, 411), (191.4, 437), (198.6, 463), (206.6, 490)]
FOREARM_INNER = [(177.0, 497), (163.6, 472), (150, 447), (138.4, 421), (131.4, 397), (128.4, 376), (122.4, 352),
                 (113.6, 323), (105.5, 295), (100.4, 277), AXILLA]
FLANK = [AXILLA, (97.6, 283), (95.4, 303), (91.2, 327), (86.0, 350), (82.0, 371), (80.8, 390), (83.6, 412),
    (89.4, 435),
         (95.2, 462), (99.2, 490), (100.4, 518), (98.6, 550), (95.0, 585), (89.6, 622), (83.4, 658), (77.2, 690),
         (72.8, 714), (71.6, 736), (74.0, 760), (76.6, 786), (75.8, 814), (71.8, 846), (66.4, 880), (62.2, 908),
         (60.4, 930)]
ANKLE_OUTER = FLANK[-1]
ANKLE_INNER = (26.8, 930.0)
LEG_INNER = [ANKLE_INNER, (25.2, 908), (21.0, 880), (16.0, 846), (12.6, 816), (12.2, 790), (15.0, 764), (18.8, 742),
             (19.0, 720), (17.0, 696), (14.6, 664), (12.0, 628), (9.0, 592), (5.8, 560), (2.4, 540), CROTCH]

FOOT_FRONT = [
    [(62.4, 941), (63.2, 949), (62.4, 958), (65.4, 970), (71.6, 982), (78.6, 993), (83.0, 1002),
     (84.2, 1008.5), (81.6, 1012.2), (77.4, 1011.4)],
    [(77.4, 1011.4), (76.6, 1015.2), (72.6, 1017.8), (68.8, 1015.6)],
    [(68.8, 1015.6), (67.6, 1019.6), (63.6, 1021.6), (60.0, 1018.6)],
    [(60.0, 1018.6), (58.6, 1022.6), (54.6, 1023.8), (51.2, 1019.8)],
    [(51.2, 1019.8), (49.2, 1024.6), (43.4, 1026.4), (37.2, 1024.2), (34.0, 1017), (33.4, 1008), (32.6, 998),
        (30.2, 986),
     (27.4, 972), (25.0, 960), (22.8, 951), (23.0, 942)],
]
FOOT_BACK = [
    [(62.2, 940), (63.0, 948), (61.2, 957), (61.4, 968), (66.4, 981), (72.4, 991), (75.6, 1000),
     (73.6, 1006.5), (66.0, 1008), (58.0, 1006.8)],
    [(58.0, 1006.8), (50, 1009), (41, 1009.6), (32, 1008), (26.0, 1003), (24.0, 993), (25.6, 978), (26.2, 963),
     (23.6, 953), (23.2, 942)],
]
SOLE = path(
    [(13.2, 783.5), (14.4, 774), (20.4, 768.6), (27.2, 770.6), (29.7, 778), (30.2, 786.0)],
    [(30.2, 786.0), (31.3, 777.6), (34.8, 773.4), (38.3, 776.6), (39.0, 783.4), (39.2, 790.0)],
    [(39.2, 790.0), (40.5, 782.4), (44.0, 778.8), (47.0, 782.2), (47.5, 788.6), (47.6, 795.0)],
    [(47.6, 795.0), (49.2, 788.4), (52.4, 785.8), (55.0, 789.2), (55.2, 795.2), (55.0, 801.0)],
    [(55.0, 801.0), (57.0, 795.6), (60.2, 795.2), (62.4, 799.6), (62.2, 806.0), (61.4, 811.0)],
    [(61.4, 811.0), (64.2, 822), (63.8, 840), (60.4, 862), (57.0, 884), (54.8, 902), (50.6, 914), (41.8, 919.6),
     (32.2, 918.6), (24.6, 911.6), (21.8, 899), (23.0, 882), (24.6, 864), (21.8, 845), (15.6, 829), (11.0, 815),
     (9.6, 802), (11.2, 792), (13.2, 783.5)],
)


def silhouette(foot: list[list[tuple[float, float]]]) -> list[Array]:
    """Return the half outline from the vertex round to the crotch, without the midline."""
    return [*CRANIUM, *EAR, *JAWLINE,
            *path([*NECK, *THUMB], [THUMB[-1], THUMB_WEB], INDEX_SIDE,
                  [WEBS["index_middle"], *finger("middle"), WEBS["middle_ring"]],
                  [WEBS["middle_ring"], *finger("ring"), WEBS["ring_little"]], [*LITTLE_SIDE, *FOREARM_INNER]),
            *path([*FLANK, *foot[0]], *foot[1:-1], [*foot[-1], *LEG_INNER])]


FRONT = silhouette(FOOT_FRONT)
BACK = silhouette(FOOT_BACK)
