"""formatter"""
